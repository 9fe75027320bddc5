/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_POLICY_INT_H
#define SP_MODEL_POLICY_INT_H

#include "model/policy.h"

#include "json/decode.h"

struct sp_policy
{
  unsigned references; /* counted atomically */
  char *path;
  char sha256[65];
  struct sp_policy_scope default_scope;
  struct sp_policy_transport *transports;
  size_t n_transports, transports_capacity;
  /* For lookups: the scopes of each known transport, sorted by name. */
  const struct sp_policy_scope **sorted[SP_TRANSPORTS];
  const struct sp_policy_transport *known[SP_TRANSPORTS];
};

/* The faults of a policy. */
extern const struct sp_json_faults sp_policy_faults;

/* A list of requirements, the value of "default" or of a scope. */
int sp_requirements_parse (const struct sp_json *json, sp_json_node node,
                           struct sp_requirements *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_requirements_clear (struct sp_requirements *requirements);

/* The objects fulcio and pki. */
int sp_fulcio_parse (const struct sp_json *json, sp_json_node node, struct sp_fulcio **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_pki_parse (const struct sp_json *json, sp_json_node node, struct sp_pki **ret,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_fulcio_free (struct sp_fulcio *fulcio);
void sp_pki_free (struct sp_pki *pki);

/*
 * One way of naming key material, of the four: a path, a list of paths, data, a list of data.
 * present tells that the key stands in the object; sources, what it names.
 */
struct sp_key_field
{
  bool present;
  bool null;         /* null, which is "no value" for lists and data, "" for a path */
  sp_json_node node; /* its value, where present */
  struct sp_key_sources sources;
};
void sp_key_field_clear (struct sp_key_field *field);
void sp_key_sources_clear (struct sp_key_sources *sources);

/* Readers for tables of fields; out is a struct sp_key_field. */
int sp_policy_read_path (const struct sp_json *json, sp_json_node value, void *out,
                         sigpolicy_error **err);
int sp_policy_read_paths (const struct sp_json *json, sp_json_node value, void *out,
                          sigpolicy_error **err);
int sp_policy_read_data (const struct sp_json *json, sp_json_node value, void *out,
                         sigpolicy_error **err);
int sp_policy_read_datas (const struct sp_json *json, sp_json_node value, void *out,
                          sigpolicy_error **err);
int sp_policy_too_many_keys (const struct sp_json *json, sp_json_node node, sigpolicy_error **err);

/* The limit of every string of a policy, keys included. */
int sp_policy_check_length (const struct sp_json *json, sp_json_node node, struct sp_view text,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A string, borrowed from the document; null is an empty one. out is a struct sp_view, or NULL. */
int sp_policy_read_string (const struct sp_json *json, sp_json_node value, void *out,
                           sigpolicy_error **err);

/*
 * The type of a requirement or identity, one of words, which what it is looked for in front of
 * anything else of its object: leniently, as its key may be misspelt in case and then is the
 * unknown key that the strict reading finds. Of several the last counts here, and null is none.
 * Otherwise the fault is "what %q".
 */
int sp_policy_read_type (const struct sp_json *json, sp_json_node object, const char *what,
                         const char *const *words, size_t n_words, size_t *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* One of words by its exact spelling; otherwise "what %q", with a "did you mean". */
int sp_policy_find_word (const struct sp_json *json, sp_json_node node, const char *what,
                         struct sp_view text, const char *const *words, size_t n_words, size_t *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A fault of a policy, in these words; and one about a value, which stands in quotes behind them.
 */
int sp_policy_refuse (const struct sp_json *json, sp_json_node node, const char *text,
                      sigpolicy_error **err);
int sp_policy_refuse_value (const struct sp_json *json, sp_json_node node, const char *what,
                            struct sp_view value, sigpolicy_error **err);

/* "expected a string, found a number", with its position. */
int sp_policy_wrong_type (const struct sp_json *json, sp_json_node value, const char *expected,
                          sigpolicy_error **err);

#endif
