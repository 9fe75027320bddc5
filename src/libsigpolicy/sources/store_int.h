/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_STORE_INT_H
#define SP_SOURCES_STORE_INT_H

#include "json/json.h"
#include "sources/store.h"

/* --- store_records.c: what images.json and containers.json have in common -----------------------
 */

/*
 * Walk the records of a file: an array of objects, of which there are not too many. read is called
 * for each; ".ids" is 64 hex digits for all of them.
 */
typedef int sp_record_function (const struct sp_json *json, sp_json_node record, void *data,
                                sigpolicy_error **err);
int sp_records_walk (struct sp_view text, sp_record_function *read, void *data,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is each member of a record that podman reads of the type that it has to be, also where a later
 * one replaces it? podman takes up no store where one is not. REJECTED/bad-signature if not. */
int sp_record_check (const struct sp_json *json, sp_json_node record,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A string in place of *slot; NULL for null. */
int sp_record_string (const struct sp_json *json, sp_json_node value, const char *what, char **slot,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A list of strings in place of what is there. */
int sp_record_names (const struct sp_json *json, sp_json_node value, struct sp_strv *names,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* An ID: 64 hex digits, as it becomes part of a path. */
int sp_record_id (const struct sp_json *json, sp_json_node value, char **slot,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "names is a number, not an array", with its position. */
int sp_record_mismatch (const struct sp_json *json, sp_json_node value, const char *what,
                        const char *wanted, sigpolicy_error **err);

#endif
