/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_JSON_PROTO_H
#define SP_JSON_PROTO_H

#include "json/decode.h"

/*
 * The JSON form of Sigstore's protobuf messages, as its client specification narrows it: members in
 * lowerCamelCase and enum values by their names, which tables for sp_json_decode() have. null is
 * the same as an absent member, and leaves *out as it is. Failure: REJECTED/bad-signature with its
 * place.
 */

/* For the tables: what faults of such documents are. */
extern const struct sp_json_faults sp_proto_faults;

/* Such a fault of a node. */
int sp_proto_fault (const struct sp_json *json, sp_json_node node, const char *text,
                    sigpolicy_error **err);

/* sp_json_decode() with those faults; further members may be there. */
int sp_proto_decode (const struct sp_json *json, sp_json_node node,
                     const struct sp_json_field *fields, size_t n_fields,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Readers for tables. A string: struct sp_view. */
int sp_proto_text (const struct sp_json *json, sp_json_node value, void *out,
                   sigpolicy_error **err);

/* Standard base64, padded, without white space and with no bit that says nothing: struct sp_buf,
 * whose limit counts. */
int sp_proto_bytes (const struct sp_json *json, sp_json_node value, void *out,
                    sigpolicy_error **err);

/* 64 bits with a sign, in a string or as a number, in decimal digits alone: int64_t. */
int sp_proto_int64 (const struct sp_json *json, sp_json_node value, void *out,
                    sigpolicy_error **err);

/* Is the member whose node a table has filled in there, and not null? */
bool sp_proto_has (const struct sp_json *json, sp_json_node node);

/* How many elements a repeated field has: 0 where it is not there. Failure: another type, or more
 * than max of what. */
int sp_proto_list (const struct sp_json *json, sp_json_node node, size_t max, const char *what,
                   size_t *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
