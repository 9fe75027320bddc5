/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_int.h"

#include "audit/example.h"
#include "model/words.h"
#include "util/codec.h"
#include "util/limits.h"

#include <search.h>
#include <sys/utsname.h>

static void
keep_node (void *node)
{
  (void)node;
}

void
sp_report_facts_clear (struct sp_report_facts *facts)
{
  for (size_t i = 0; i < facts->len; i++)
    {
      free (facts->items[i].id);
      free (facts->items[i].summary);
    }
  free (facts->items);
}

void
sp_report_free (struct sp_report *report)
{
  if (!report)
    return;
  tdestroy (report->rule_index, keep_node);
  for (size_t i = 0; i < report->n_rules; i++)
    {
      free (report->rules[i]->words);
      free (report->rules[i]->locations);
      free (report->rules[i]);
    }
  free (report->rules);
  for (size_t i = 0; i < report->n_scopes; i++)
    free (report->scopes[i].name);
  free (report->scopes);
  for (size_t i = 0; i < report->n_transports; i++)
    free (report->transports[i]);
  free (report->transports);
  sp_report_facts_clear (&report->facts);
  sp_report_facts_clear (&report->earlier);
  free (report->changes);
  sp_reading_clear (&report->reading);
  sp_policy_free (report->policy);
  free (report->host);
  free (report->fault);
  free (report->path);
  free (report->since);
  free (report);
}

void
sp_report_day (sp_time time, char room[SP_TIME_TEXT_SIZE])
{
  sp_time_format (time, room);
  room[strcspn (room, "T")] = '\0';
}

bool
sp_report_expires (const struct sp_report *report, const struct sp_known_key *key, int days)
{
  return key->expires && key->expires <= report->now + (sp_time)days * 86400;
}

const char *
sp_state_word (enum sp_state state)
{
  static const char *const words[] = { "signed", "accepted unsigned", "rejected", "never matches" };
  return words[state];
}

const char *
sp_state_class (enum sp_state state)
{
  static const char *const classes[] = { "signed", "unsigned", "rejected", "never" };
  return classes[state];
}

static enum sp_state
state_of (const struct sp_requirements *list)
{
  return sp_requirements_always_reject (list)     ? SP_STATE_REJECTED
         : sp_requirements_accept_anything (list) ? SP_STATE_UNSIGNED
                                                  : SP_STATE_SIGNED;
}

/* Printable, and no longer than a message shows. */
static char *
show (const char *name, size_t length, sigpolicy_error **err)
{
  size_t kept = length < SP_SHOWN_BYTES_MAX ? length : SP_SHOWN_BYTES_MAX;
  while (kept < length && kept && ((unsigned char)name[kept] & 0xc0) == 0x80)
    kept--;
  char *shown = sp_asprintf (err, "%.*s%s", (int)kept, name, kept < length ? "..." : "");
  if (shown && !sp_make_printable (&shown))
    {
      free (shown);
      (void)sp_error_no_memory (err);
      return NULL;
    }
  return shown;
}

/* --- rules ------------------------------------------------------------------------------------ */

static int
compare_rules (const void *a, const void *b)
{
  const struct sp_report_rule *left = a, *right = b;
  int order = strcmp (left->words, right->words);
  return order ? order : strcmp (left->locations, right->locations);
}

static void
put_location (struct sp_buf *out, const char *what, const char *value,
              const struct sp_registries_d_answer *answer)
{
  sp_buf_printf (out, "%s ", what);
  sp_words_str (out, value);
  if (answer->file)
    {
      sp_buf_str (out, " (");
      sp_words_str (out, answer->file);
      sp_buf_printf (out, ":%u)", answer->line);
    }
  sp_buf_byte (out, '\n');
}

/* Where signatures of an image of this scope would be fetched. What cannot be told is left out: the
 * audit says what is wrong. */
static int
find_locations (struct sp_context *context, const struct sp_report_scope *scope,
                const char *example, char **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_image_name struct sp_image_name *image = NULL;
  const struct sp_registries_d *registries_d = NULL;
  struct sp_registries_d_answer lookaside = { 0 }, attachments = { 0 };
  bool is_on = false;

  if (example && scope->state == SP_STATE_SIGNED)
    {
      int rc = sp_image_name_parse (sp_view_str (example), &image, &fault);
      if (rc == 0)
        rc = sp_context_registries_d (context, &registries_d, &fault);
      if (rc == 0)
        rc = sp_registries_d_lookaside (registries_d, image->reference, SP_LOOKASIDE_READ,
                                        &lookaside, &fault);
      if (rc == 0)
        rc = sp_registries_d_attachments (registries_d, image->reference, &is_on, &attachments,
                                          &fault);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc == 0)
        {
          put_location (&out,
                        "lookaside:", lookaside.value ? lookaside.value : "the built-in default",
                        &lookaside);
          put_location (&out, "sigstore attachments:", is_on ? "on" : "off", &attachments);
        }
    }
  *ret = sp_buf_steal (&out, err);
  return *ret ? 0 : sigpolicy_error_code (*err);
}

static int
find_rule (struct sp_report *report, struct sp_context *context, struct sp_report_scope *scope,
           const char *example, sigpolicy_error **err)
{
  const struct sp_requirements *list = &scope->scope->requirements;
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free char *locations = NULL, *text = NULL;

  for (size_t i = 0; i < list->len; i++)
    {
      sp_words_requirement (&words, &list->items[i]);
      sp_buf_byte (&words, '\n');
    }
  text = sp_buf_steal (&words, err);
  if (!text)
    return sigpolicy_error_code (*err);
  int rc = find_locations (context, scope, example, &locations, err);
  if (rc < 0)
    return rc;
  const struct sp_report_rule wanted = { .words = text, .locations = locations };
  struct sp_report_rule *const *found = tfind (&wanted, &report->rule_index, compare_rules);
  struct sp_report_rule *rule = found ? *found : NULL;
  if (!rule)
    {
      rc = sp_grow (&report->rules, &report->rules_capacity, report->n_rules, sizeof *report->rules,
                    err);
      rule = rc == 0 ? sp_calloc (1, sizeof *rule, err) : NULL;
      if (!rule)
        return SIGPOLICY_E_NO_MEMORY;
      *rule = (struct sp_report_rule){ .list = list,
                                       .words = steal (&text),
                                       .locations = steal (&locations),
                                       .number = report->n_rules + 1 };
      report->rules[report->n_rules++] = rule;
      if (!tsearch (rule, &report->rule_index, compare_rules))
        return sp_error_no_memory (err);
    }
  rule->n_scopes++;
  scope->rule = rule;
  return 0;
}

/* --- scopes ----------------------------------------------------------------------------------- */

/* Does a scope above this one, or the default, require signatures? */
static int
is_below_signed (const struct sp_report *report, const struct sp_report_scope *it, bool *ret,
                 sigpolicy_error **err)
{
  cleanup_strv struct sp_strv parents = { 0 };
  struct sp_view name = sp_view_n (it->scope->name, it->scope->name_len);
  const struct sp_policy_scope *above = NULL;

  int rc = name.len ? sp_scope_parents (it->known, name, &parents, err) : 0;
  for (size_t i = 0; rc == 0 && !above && i < parents.len; i++)
    above = sp_policy_find_scope (report->policy, it->known, sp_view_str (parents.items[i]));
  if (rc == 0 && !above && name.len)
    above = sp_policy_find_scope (report->policy, it->known, sp_view_str (""));
  if (!above)
    above = sp_policy_default (report->policy);
  *ret = rc == 0 && state_of (&above->requirements) == SP_STATE_SIGNED;
  return rc;
}

static int
fill_scope (struct sp_report *report, struct sp_context *context, struct sp_report_scope *it,
            sigpolicy_error **err)
{
  cleanup_free char *example = NULL;

  it->name = show (it->scope->name, it->scope->name_len, err);
  if (!it->name)
    return SIGPOLICY_E_NO_MEMORY;
  it->state = state_of (&it->scope->requirements);
  bool docker = it->is_known && it->known == SP_TRANSPORT_DOCKER;
  if (docker && it->scope->name_len)
    example = sp_example_image (sp_view_n (it->scope->name, it->scope->name_len), err);
  if (*err)
    return sigpolicy_error_code (*err);
  int rc = find_rule (report, context, it, example, err);
  if ((it->transport && !it->is_known) || (docker && it->scope->name_len && !example))
    it->state = SP_STATE_NEVER;
  if (rc == 0 && it->transport && it->state == SP_STATE_UNSIGNED)
    rc = is_below_signed (report, it, &it->is_hole, err);
  report->n_holes += it->is_hole;
  report->n_states[it->state]++;
  return rc;
}

/* A slash comes before everything else: what is below a name follows it at once. */
static int
compare_names (const struct sp_policy_scope *left, const struct sp_policy_scope *right)
{
  size_t common = left->name_len < right->name_len ? left->name_len : right->name_len, i = 0;

  while (i < common && left->name[i] == right->name[i])
    i++;
  if (i == common)
    return (left->name_len > right->name_len) - (left->name_len < right->name_len);
  if (left->name[i] == '/' || right->name[i] == '/')
    return left->name[i] == '/' ? -1 : 1;
  return (unsigned char)left->name[i] < (unsigned char)right->name[i] ? -1 : 1;
}

static int
compare_scopes (const void *a, const void *b)
{
  const struct sp_report_scope *left = a, *right = b;
  int order = strcmp (left->transport, right->transport);
  return order ? order : compare_names (left->scope, right->scope);
}

static int
collect_scopes (struct sp_report *report, struct sp_context *context, sigpolicy_error **err)
{
  size_t n = sp_policy_n_transports (report->policy), total = 1;
  int rc = 0;

  for (size_t i = 0; i < n; i++)
    total += sp_policy_transport (report->policy, i)->n_scopes;
  report->scopes = sp_calloc (total, sizeof *report->scopes, err);
  report->transports = sp_calloc (n + 1, sizeof *report->transports, err);
  if (!report->scopes || !report->transports)
    return SIGPOLICY_E_NO_MEMORY;
  report->scopes[report->n_scopes++].scope = sp_policy_default (report->policy);
  for (size_t i = 0; i < n; i++)
    {
      const struct sp_policy_transport *transport = sp_policy_transport (report->policy, i);
      char *name = show (transport->name, transport->name_len, err);
      if (!name)
        return SIGPOLICY_E_NO_MEMORY;
      report->transports[report->n_transports++] = name;
      for (size_t j = 0; j < transport->n_scopes; j++)
        {
          struct sp_report_scope *it = &report->scopes[report->n_scopes++];
          it->scope = &transport->scopes[j];
          it->transport = name;
          it->is_known
              = transport->known
                && sp_transport_find (sp_view_n (transport->name, transport->name_len), &it->known);
        }
    }
  if (report->n_scopes > 1)
    qsort (report->scopes + 1, report->n_scopes - 1, sizeof *report->scopes, compare_scopes);
  for (size_t i = 0; rc == 0 && i < report->n_scopes; i++)
    rc = fill_scope (report, context, &report->scopes[i], err);
  return rc;
}

const char *
sp_report_registries (const struct sp_report *report)
{
  static const char *const words[]
      = { "accepted with a signature by the default's keys, unless listed",
          "accepted without a signature unless listed", "rejected unless listed", "" };
  return words[report->registries];
}

/* --- facts ------------------------------------------------------------------------------------ */

static int
add_fact (struct sp_report_facts *facts, const char *kind, char *id, char *summary,
          sigpolicy_error **err)
{
  if (!id || !summary
      || sp_grow (&facts->items, &facts->capacity, facts->len, sizeof *facts->items, err) < 0)
    {
      free (id);
      free (summary);
      return SIGPOLICY_E_NO_MEMORY;
    }
  facts->items[facts->len++] = (struct sp_report_fact){ kind, id, summary };
  return 0;
}

static int
add_scope_fact (struct sp_report *report, const struct sp_report_scope *it, sigpolicy_error **err)
{
  char *id = it->transport ? sp_asprintf (err, "%s \"%s\"", it->transport, it->name)
                           : sp_strdup ("default", err);
  char *summary
      = id ? sp_asprintf (err, "%s: %s", sp_state_word (it->state), it->rule->words) : NULL;
  for (char *at = summary; at && *at; at++)
    *at = *at != '\n' ? *at : at[1] ? ';' : '\0';
  return add_fact (&report->facts, "scope", id, summary, err);
}

static int
add_key_fact (struct sp_report *report, const struct sp_known_key *key, sigpolicy_error **err)
{
  char day[SP_TIME_TEXT_SIZE] = "";

  if (key->expires)
    sp_report_day (key->expires, day);
  char *id
      = sp_asprintf (err, "%s in %s", key->fingerprint ? key->fingerprint : "a key", key->file);
  char *summary = id ? sp_asprintf (err, "%s, %s%s%s", key->kind,
                                    !key->fingerprint ? "cannot be read"
                                    : key->expires    ? "expires "
                                                      : "never expires",
                                    day, key->revoked ? ", revoked" : "")
                     : NULL;
  return add_fact (&report->facts, "key", id, summary, err);
}

static int
add_image_facts (struct sp_report *report, const struct sp_results *results, const char *kind,
                 sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && results && i < results->len; i++)
    {
      const struct sp_result *result = &results->items[i];
      char *id = sp_strdup (result->name, err);
      char *summary = id ? sp_asprintf (
                          err, "%s%s%s", sp_result_answer (result), result->accepted ? "" : ": ",
                          result->accepted ? "" : sigpolicy_reason_slug (result->reason))
                         : NULL;
      rc = add_fact (&report->facts, kind, id, summary, err);
    }
  return rc;
}

static int
collect_facts (struct sp_report *report, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < report->n_scopes; i++)
    rc = add_scope_fact (report, &report->scopes[i], err);
  for (size_t i = 0; rc == 0 && i < report->audit->n_known_keys; i++)
    rc = add_key_fact (report, &report->audit->keys[i], err);
  for (size_t i = 0; rc == 0 && i < report->audit->len; i++)
    {
      const struct sp_finding *finding = &report->audit->items[i];
      rc = add_fact (&report->facts, "finding",
                     sp_asprintf (err, "%s%s%s", finding->rule->id, finding->scope ? " " : "",
                                  finding->scope ? finding->scope : ""),
                     sp_strdup (finding->message, err), err);
    }
  if (rc == 0)
    rc = add_image_facts (report, report->images, "image", err);
  return rc == 0 ? add_image_facts (report, report->containers, "container", err) : rc;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int
read_policy (struct sp_report *report, struct sp_context *context, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_policy *policy = NULL;

  int rc = sp_context_policy (context, &policy, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0)
    {
      report->fault = sp_strdup (sigpolicy_error_text (fault), err);
      return report->fault ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  report->policy = sp_policy_ref (policy);
  const char *path = sp_policy_path (policy);
  if (path && !(report->path = show (path, strlen (path), err)))
    return SIGPOLICY_E_NO_MEMORY;
  rc = sp_context_reading (context, false, &report->reading, err);
  if (rc == 0)
    rc = collect_scopes (report, context, err);
  const struct sp_policy_scope *rest
      = sp_policy_find_scope (policy, SP_TRANSPORT_DOCKER, sp_view_str (""));
  report->registries
      = state_of (rest ? &rest->requirements : &sp_policy_default (policy)->requirements);
  return rc;
}

int
sp_report_new (struct sp_context *context, const struct sp_audit_report *audit,
               const struct sp_results *images, const struct sp_results *containers,
               struct sp_report **ret, sigpolicy_error **err)
{
  cleanup_report struct sp_report *report = sp_calloc (1, sizeof *report, err);
  struct utsname host;

  if (!report)
    return SIGPOLICY_E_NO_MEMORY;
  report->audit = audit;
  report->images = images;
  report->containers = containers;
  report->now = sp_context_now (context);
  report->host = uname (&host) == 0 ? show (host.nodename, strlen (host.nodename), err)
                                    : sp_strdup ("this host", err);
  if (!report->host)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = read_policy (report, context, err);
  if (rc == 0)
    rc = collect_facts (report, err);
  if (rc < 0)
    return rc;
  *ret = steal (&report);
  return 0;
}
