/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_YAML_DECODE_H
#define SP_YAML_DECODE_H

#include "util/limits.h"
#include "yaml/yaml.h"

/*
 * Decoding of a tree into structures, as files of registries.d have always been decoded: a key that
 * stands twice fails the file, an unknown key is ignored whatever its value is, merge keys are
 * applied, and values of a wrong type are all reported in one error.
 *
 * Only what is decoded is followed through aliases: what an unknown key holds may expand to
 * anything, or contain itself. What is followed is counted, so that aliases cannot make a small
 * file a long work.
 */
struct sp_yaml_decoder
{
  struct sp_buf problems;
  size_t n_problems;
  unsigned line, column; /* of the first problem */
  size_t steps;
};

/* clang-format off */
#define SP_YAML_DECODER { .problems = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX) }
/* clang-format on */

/* A key and its value, while a mapping is decoded. */
struct sp_yaml_field
{
  struct sp_view name;
  const struct sp_yaml_node *key, *value;
  bool merged; /* it came by a merge key */
};

/* A kind of mapping: what messages call it, and what is to be done with each of its fields. */
struct sp_yaml_schema
{
  const char *name;
  int (*set) (struct sp_yaml_decoder *decoder, void *out, const struct sp_yaml_field *field,
              sigpolicy_error **err);
};

/* Decode a mapping. *ret_null when the value is null instead; anything else is reported. */
int sp_yaml_decode (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                    const struct sp_yaml_schema *schema, void *out, bool *ret_null,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Decode a string, appending to out, or a boolean. *ret_set is false when the value is null, or of
 * another type, which is reported. */
int sp_yaml_decode_string (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                           struct sp_buf *out, bool *ret_set,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_yaml_decode_bool (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                         bool *out, bool *ret_set, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Report that a value is not of a type; and that a field is there already, as it can be when its
 * key is an alias. Decoding goes on. */
int sp_yaml_report_type (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                         const char *wanted, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_yaml_report_twice (struct sp_yaml_decoder *decoder, const struct sp_yaml_field *field,
                          const struct sp_yaml_schema *schema,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* At the end: the error that all reports make, or 0. */
int sp_yaml_decoder_end (struct sp_yaml_decoder *decoder,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_yaml_decoder_clear (struct sp_yaml_decoder *decoder);

#define cleanup_yaml_decoder SP_CLEANUP (sp_yaml_decoder_clear)

#endif
