/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_STORE_INT_H
#define SP_SOURCES_STORE_INT_H

#include "json/json.h"
#include "sources/store.h"

/* --- store_look.c: the files of records ---------------------------------------------------------
 */

/* sp_store_look_read() of a file that need not be there: then it is empty. */
int sp_store_look_read_any (const struct sp_store_look *look, const char *name, struct sp_buf *buf,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What is no file of records says nothing about what the store has: UNAVAILABLE/could-not-look, at
 * that file. Returns the code. */
int sp_store_look_failed (const struct sp_store_look *look, const char *name,
                          sigpolicy_error **err);

/* --- store_damage.c -----------------------------------------------------------------------------
 */

/* How many places of records a store can have besides its roots; each has a state in its "sound".
 */
#define SP_STORE_MORE_PLACES 3

/* Can the storage library read the records that nothing here uses: those of containers, layers and
 * mounts? UNAVAILABLE/could-not-look if not. What has not changed is not read again. */
int sp_store_check_damage (struct sp_store *store, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- store_records.c: what the files of records have in common ----------------------------------
 */

enum sp_record_kind
{
  SP_RECORD_IMAGE,
  SP_RECORD_CONTAINER,
  SP_RECORD_LAYER,
  SP_RECORD_MOUNT,
};

/*
 * Walk the records of a file: an array of objects, of which there are not too many. read, unless it
 * is NULL, is called for each whose members are of the types that they have to be, also where a
 * later one replaces them: podman takes up no store where one is not. REJECTED/bad-signature then.
 */
typedef int sp_record_function (const struct sp_json *json, sp_json_node record, void *data,
                                sigpolicy_error **err);
int sp_records_walk (struct sp_view text, enum sp_record_kind kind, sp_record_function *read,
                     void *data, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

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
