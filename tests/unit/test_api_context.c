/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FIXTURES ABS_SRCDIR "/tests/fixtures/"
#define NOW      1780272000 /* 2026-06-01 */

static const char signed_policy[]
    = "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" FIXTURES
      "alice.gpg\"}]}";
static const char rejecting_policy[] = "{\"default\":[{\"type\":\"reject\"}]}";
static const char accepting_policy[] = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}";

/* Files that setters name, made in the directory of the test. */
static char directory[] = "/tmp/sigpolicy-test.XXXXXX";

static char *
path_of (const char *name)
{
  cleanup_error sigpolicy_error *err = NULL;
  char *path = sp_asprintf (&err, "%s/%s", directory, name);
  cr_assert (path != NULL);
  return path;
}

static void
write_file (const char *name, const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = path_of (name);
  cr_assert (put_file (path, sp_view_str (text), &err) == 0, "%s", sigpolicy_error_text (err));
}

/* --- every setter, both ways ------------------------------------------------------------------ */

static int
set_policy_path (sigpolicy_context *context, bool on)
{
  cleanup_free char *path = path_of (on ? "reject.json" : "signed.json");
  return sigpolicy_context_set_policy_path (context, path, NULL);
}

static int
set_policy (sigpolicy_context *context, bool on)
{
  sigpolicy_policy *policy = NULL;
  const char *text = on ? accepting_policy : signed_policy;
  int rc = sigpolicy_policy_parse (text, strlen (text), NULL, &policy, NULL);
  sigpolicy_context_set_policy (context, policy);
  sigpolicy_policy_free (policy);
  return rc;
}

static int
set_registries_d (sigpolicy_context *context, bool on)
{
  cleanup_free char *path = path_of (on ? "missing.d" : "registries.d");
  return sigpolicy_context_set_registries_d (context, path, NULL);
}

static int
set_registries_conf (sigpolicy_context *context, bool on)
{
  cleanup_free char *path = path_of (on ? "blocked.conf" : "registries.conf");
  /* What is blocked is refused before a network is. */
  sigpolicy_context_set_offline (context, !on);
  return sigpolicy_context_set_registries_conf (context, path, NULL);
}

static int
set_insecure_policy (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_insecure_policy (context, on);
  return 0;
}

static int
set_require_signed (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_require_signed (context, on);
  return 0;
}

static int
set_offline (sigpolicy_context *context, bool on)
{
  return set_registries_conf (context, on);
}

static int
set_clock (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_clock (context, on ? 4294967296 : NOW);
  return 0;
}

static int
set_clock_text (sigpolicy_context *context, bool on)
{
  return sigpolicy_context_set_clock_text (
      context, on ? "1999-01-01T00:00:00Z" : "2026-06-01T00:00:00Z", NULL);
}

static int
set_platform (sigpolicy_context *context, bool on)
{
  return sigpolicy_context_set_platform (context, on ? "s390x" : "amd64", "linux", NULL, NULL);
}

static int
set_authfile (sigpolicy_context *context, bool on)
{
  cleanup_free char *path = path_of (on ? "auth.json" : "none.json");
  return sigpolicy_context_set_authfile (context, path, NULL);
}

static int
set_credentials (sigpolicy_context *context, bool on)
{
  return sigpolicy_context_set_credentials (context, on ? "user:secret" : NULL, NULL);
}

static int
set_cert_dir (sigpolicy_context *context, bool on)
{
  cleanup_free char *path = path_of (on ? "certs" : "other-certs");
  return sigpolicy_context_set_cert_dir (context, path, NULL);
}

static int
set_tls_verify (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_tls_verify (context, !on);
  return 0;
}

static int
set_image_timeout (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_image_timeout (context, on ? 1 : 0);
  return 0;
}

static int
set_gpg_alone (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_gpg_alone (context, on);
  return 0;
}

static int
set_reader (sigpolicy_context *context, bool on)
{
  return sigpolicy_context_set_reader (context, on ? "5.40" : "old", NULL);
}

static int
set_bundles (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_bundles (context, on ? SIGPOLICY_BUNDLES_DIGEST : SIGPOLICY_BUNDLES_OFF);
  return 0;
}

static int
set_referrers (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_referrers (context, on);
  return 0;
}

static int
set_trusted_root (sigpolicy_context *context, bool on)
{
  cleanup_free char *path = path_of ("root.json");
  sigpolicy_context_set_bundles (context, on ? SIGPOLICY_BUNDLES_DIGEST : SIGPOLICY_BUNDLES_OFF);
  return sigpolicy_context_set_trusted_root (context, on ? path : NULL, NULL);
}

static int
set_sandbox (sigpolicy_context *context, bool on)
{
  return sigpolicy_context_set_sandbox (context, on ? "landlock seccomp" : NULL, NULL);
}

static int
run_no_helper (void *data, const char *name, const char *host, unsigned milliseconds,
               sigpolicy_helper_answer *ret)
{
  (void)data;
  (void)name;
  (void)host;
  (void)milliseconds;
  (void)ret;
  return SIGPOLICY_E_UNAVAILABLE;
}

static int
set_helper_runner (sigpolicy_context *context, bool on)
{
  sigpolicy_context_set_helper_runner (context, on ? run_no_helper : NULL, NULL);
  return 0;
}

/* What is set otherwise takes its place. */
static int
set_key (sigpolicy_context *context, bool on)
{
  return on ? sigpolicy_context_set_key (context, FIXTURES "bob.gpg", "matchExact", NULL)
            : set_policy_path (context, false);
}

static const struct
{
  const char *name;
  int (*set) (sigpolicy_context *context, bool on);
  bool is_of_registries; /* what was made of the connections to them goes */
} setters[] = {
  { "policy_path", set_policy_path, false },
  { "policy", set_policy, false },
  { "key", set_key, false },
  { "registries_d", set_registries_d, false },
  { "registries_conf", set_registries_conf, true },
  { "insecure_policy", set_insecure_policy, false },
  { "require_signed", set_require_signed, false },
  { "offline", set_offline, false },
  { "clock", set_clock, false },
  { "clock_text", set_clock_text, false },
  { "platform", set_platform, false },
  { "authfile", set_authfile, true },
  { "credentials", set_credentials, true },
  { "cert_dir", set_cert_dir, true },
  { "tls_verify", set_tls_verify, true },
  { "image_timeout", set_image_timeout, false },
  { "gpg_alone", set_gpg_alone, false },
  { "reader", set_reader, true },
  { "bundles", set_bundles, false },
  { "referrers", set_referrers, false },
  { "trusted_root", set_trusted_root, false },
  { "sandbox", set_sandbox, false },
  { "helper_runner", set_helper_runner, true },
};
#define N_SETTERS (sizeof setters / sizeof *setters)

/* What everything begins with: off, and no network. */
static sigpolicy_context *
new_context (void)
{
  sigpolicy_context *context = NULL;
  cr_assert (sigpolicy_context_new (&context, NULL) == 0);
  for (size_t i = 0; i < N_SETTERS; i++)
    if (strcmp (setters[i].name, "policy") != 0 && strcmp (setters[i].name, "offline") != 0)
      cr_assert (setters[i].set (context, false) == 0, "%s", setters[i].name);
  sigpolicy_context_set_offline (context, 1);
  return context;
}

/* What a context answers, in all that it may depend on; to free(). */
static char *
answer (sigpolicy_context *context)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf all = SP_BUF (SP_MIB);
  static const char *const names[]
      = { "docker://registry.example/ns/app:v1", "docker://blocked.example/ns/app:v1" };

  for (size_t i = 0; i < 3; i++)
    {
      sigpolicy_request *request = NULL;
      sigpolicy_verdict *verdict = NULL;
      char *text = NULL;
      int rc = sigpolicy_request_new (&request, &err);
      if (rc == 0 && i < 2)
        rc = sigpolicy_request_set_reference (request, names[0], &err);
      if (rc == 0 && i < 2)
        rc = sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", &err);
      if (rc == 0 && i == 0)
        rc = sigpolicy_request_add_signature_file (request, FIXTURES "good.sig", &err);
      if (rc == 0 && i == 2)
        rc = sigpolicy_request_set_image (request, names[1], &err);
      if (rc == 0)
        rc = sigpolicy_evaluate (context, request, &verdict, &err);
      if (rc == 0)
        rc = sigpolicy_verdict_format (verdict, SIGPOLICY_FORMAT_JSON, 0, &text, &err);
      cr_assert (rc == 0, "%s", sigpolicy_error_text (err));
      sp_buf_str (&all, text);
      free (text);
      sigpolicy_verdict_free (verdict);
      sigpolicy_request_free (request);
    }
  char *ret = sp_buf_steal (&all, &err);
  cr_assert (ret != NULL);
  return ret;
}

static void
expect_as_fresh (sigpolicy_context *context, size_t row, bool on, const char *what)
{
  sigpolicy_context *fresh = new_context ();
  cr_assert (setters[row].set (fresh, on) == 0);
  cleanup_free char *expected = answer (fresh), *got = answer (context);
  cr_expect_str_eq (got, expected, "%s, %s: a context that was asked before answers otherwise",
                    setters[row].name, what);
  sigpolicy_context_free (fresh);
}

static void
make_files (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, &err) == 0);
  cr_assert (mkdtemp (directory) != NULL);
  write_file ("signed.json", signed_policy);
  write_file ("reject.json", rejecting_policy);
  write_file ("registries.conf", "");
  write_file ("blocked.conf", "[[registry]]\nlocation = \"blocked.example\"\nblocked = true\n");
  cleanup_free char *registries_d = path_of ("registries.d");
  cr_assert (mkdir (registries_d, 0700) == 0);
  write_file ("registries.d/x.yaml", "default-docker:\n  lookaside: file:///nonexistent\n");
}

static void
remove_files (void)
{
  (void)remove_tree (directory);
}

Test (api_context, every_setter_holds_from_the_next_question_on, .init = make_files,
      .fini = remove_files)
{
  for (size_t i = 0; i < N_SETTERS; i++)
    for (int shared = 0; shared < 2; shared++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        sigpolicy_context *first = new_context (), *context = first;
        free (answer (first));
        if (shared)
          cr_assert (sigpolicy_context_share (first, &context, NULL) == 0);
        for (int round = 0; round < 2; round++)
          {
            bool on = round == 0;
            struct sp_registries *registries = NULL;
            cr_assert (sp_context_registries (&context->inner, &registries, &err) == 0, "%s",
                       sigpolicy_error_text (err));
            cr_assert (setters[i].set (context, on) == 0, "%s", setters[i].name);
            cr_expect (!setters[i].is_of_registries || !context->inner.registries,
                       "%s: connections made before go on", setters[i].name);
            expect_as_fresh (context, i, on, on ? "on" : "off");
          }
        /* The other one was told nothing. */
        if (shared)
          {
            sigpolicy_context *fresh = new_context ();
            cleanup_free char *expected = answer (fresh), *got = answer (first);
            cr_expect_str_eq (got, expected, "%s: the context that shares", setters[i].name);
            sigpolicy_context_free (fresh);
            sigpolicy_context_free (context);
          }
        sigpolicy_context_free (first);
      }
}

/* The table has every setter of the headers. */
Test (api_context, the_table_is_complete)
{
  static const char *const headers[] = { "context.h", "policy.h", "sandbox.h" };
  static const char start[] = "sigpolicy_context_set_";
  size_t n = 0;
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
      cleanup_free char *path
          = sp_asprintf (&err, ABS_SRCDIR "/src/include/sigpolicy/%s", headers[i]);
      cr_assert (sp_fs_read (path, &text, &err) == 0);
      for (const char *at = text.data; (at = strstr (at, start));)
        {
          at += sizeof start - 1;
          size_t length = strspn (at, "abcdefghijklmnopqrstuvwxyz_"), row = 0;
          if (at[length] != ' ')
            continue; /* in a comment */
          while (row < N_SETTERS
                 && (strlen (setters[row].name) != length
                     || strncmp (setters[row].name, at, length) != 0))
            row++;
          cr_expect (row < N_SETTERS, "no row for %.*s", (int)length, at);
          n++;
        }
    }
  cr_expect (n == N_SETTERS, "%zu declarations", n);
}

/* --- what expires ------------------------------------------------------------------------------
 */

/* One context, its clock set again and again, against a fresh one at each time. */
Test (api_context, the_clock_is_that_of_the_question, .init = make_files, .fini = remove_files)
{
  static const int64_t times[] = { NOW, 1, NOW - 100000000, NOW, 4294943999, 4294944000, NOW };
  sigpolicy_context *context = new_context ();
  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    {
      sigpolicy_context *fresh = new_context ();
      sigpolicy_context_set_clock (fresh, times[i]);
      sigpolicy_context_set_clock (context, times[i]);
      cleanup_free char *expected = answer (fresh), *got = answer (context);
      cr_expect_str_eq (got, expected, "at %lld", (long long)times[i]);
      sigpolicy_context_free (fresh);
    }
  sigpolicy_context_free (context);
}

#define BY(key) \
  "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" FIXTURES key "\"," EXACT "}"
#define EXACT                                        \
  "\"signedIdentity\":{\"type\":\"exactReference\"," \
  "\"dockerReference\":\"registry.example/ns/app:v1\"}"
#define CERTIFIED                                                                                 \
  "{\"type\":\"sigstoreSigned\",\"pki\":{\"caRootsPath\":\"" FIXTURES "sigstore-made/root.pem\"," \
  "\"subjectEmail\":\"signer@example.com\",\"subjectHostname\":\"build.example.com\"}," EXACT "}"

/* What expires, each under a host of its own, and two times: one at which it holds, and one at
 * which it does not any more. */
static const struct
{
  const char *host, *requirement, *signature;
  int64_t good, bad;
} expiring[] = {
  { "key.example", BY ("expired.gpg"), "by-expired.sig", 1625097600, NOW },
  { "subkey.example", BY ("lapsing.gpg"), "by-lapsing.sig", NOW, 1811808000 },
  { "signature.example", BY ("alice.gpg"), "expired-signature.sig", 1768435200, NOW },
  { "certificate.example", CERTIFIED, "sigstore-made/certified.sig", NOW, 1782864000 },
};
#define N_EXPIRING (sizeof expiring / sizeof *expiring)
#define N_TIMES    (3 * N_EXPIRING)
#define N_THREADS  4

/* Good, bad and good again of each. */
static int64_t
time_of (size_t i)
{
  return i % 3 == 1 ? expiring[i / 3].bad : expiring[i / 3].good;
}

static sigpolicy_context *
new_expiring_context (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  sigpolicy_context *context = new_context ();
  sigpolicy_policy *policy = NULL;

  sp_buf_str (&text, "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{");
  for (size_t i = 0; i < N_EXPIRING; i++)
    sp_buf_printf (&text, "%s\"%s\":[%s]", i ? "," : "", expiring[i].host, expiring[i].requirement);
  sp_buf_str (&text, "}}}");
  cr_assert (sigpolicy_policy_parse (text.data, text.len, "the policy", &policy, &err) == 0, "%s",
             sigpolicy_error_text (err));
  sigpolicy_context_set_policy (context, policy);
  sigpolicy_policy_free (policy);
  return context;
}

/* The answer at a time, to free(), or NULL; nothing of Criterion, as threads ask, too. */
static char *
answer_at (sigpolicy_context *context, size_t row, int64_t time, bool *ret_accepted)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  char name[64], path[512], *text = NULL;

  (void)snprintf (name, sizeof name, "docker://%s/ns/app:v1", expiring[row].host);
  (void)snprintf (path, sizeof path, FIXTURES "%s", expiring[row].signature);
  sigpolicy_context_set_clock (context, time);
  if (sigpolicy_request_new (&request, NULL) == 0
      && sigpolicy_request_set_reference (request, name, NULL) == 0
      && sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", NULL) == 0
      && sigpolicy_request_add_signature_file (request, path, NULL) == 0
      && sigpolicy_evaluate (context, request, &verdict, NULL) == 0
      && sigpolicy_verdict_format (verdict, SIGPOLICY_FORMAT_JSON, 0, &text, NULL) == 0)
    *ret_accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return text;
}

/* What fresh contexts answer, each asked once. */
struct expected
{
  char *text[N_TIMES][N_EXPIRING];
};

static void
ask_fresh_ones (struct expected *expected)
{
  for (size_t i = 0; i < N_TIMES; i++)
    for (size_t row = 0; row < N_EXPIRING; row++)
      {
        sigpolicy_context *fresh = new_expiring_context ();
        bool accepted = false;
        expected->text[i][row] = answer_at (fresh, row, time_of (i), &accepted);
        cr_assert (expected->text[i][row] != NULL);
        if (i / 3 == row)
          cr_expect (accepted == (i % 3 != 1), "%s at %lld: %s", expiring[row].host,
                     (long long)time_of (i), expected->text[i][row]);
        sigpolicy_context_free (fresh);
      }
}

struct walk
{
  sigpolicy_context *context;
  const struct expected *expected;
  size_t start, n_right;
  pthread_t thread;
};

/* Every time, each thread beginning elsewhere. */
static void *
walk_times (void *data)
{
  struct walk *walk = data;
  for (size_t i = 0; i < N_TIMES; i++)
    for (size_t row = 0; row < N_EXPIRING; row++)
      {
        size_t at = (i + walk->start) % N_TIMES;
        bool accepted = false;
        cleanup_free char *text = answer_at (walk->context, row, time_of (at), &accepted);
        walk->n_right += text && strcmp (text, walk->expected->text[at][row]) == 0;
      }
  return NULL;
}

Test (api_context, what_expires_is_judged_at_the_time_of_the_question, .init = make_files,
      .fini = remove_files)
{
  static struct expected expected;
  struct walk alone = { .context = new_expiring_context (), .expected = &expected };
  struct walk shared[N_THREADS];

  ask_fresh_ones (&expected);
  (void)walk_times (&alone);
  cr_expect_eq (alone.n_right, N_TIMES * N_EXPIRING, "one context");
  for (size_t i = 0; i < N_THREADS; i++)
    {
      shared[i] = (struct walk){ .expected = &expected, .start = i * N_TIMES / N_THREADS };
      cr_assert (sigpolicy_context_share (alone.context, &shared[i].context, NULL) == 0);
    }
  for (size_t i = 0; i < N_THREADS; i++)
    cr_assert (pthread_create (&shared[i].thread, NULL, walk_times, &shared[i]) == 0);
  for (size_t i = 0; i < N_THREADS; i++)
    {
      (void)pthread_join (shared[i].thread, NULL);
      cr_expect_eq (shared[i].n_right, N_TIMES * N_EXPIRING, "thread %zu", i);
      sigpolicy_context_free (shared[i].context);
    }
  sigpolicy_context_free (alone.context);
  for (size_t i = 0; i < N_TIMES; i++)
    for (size_t row = 0; row < N_EXPIRING; row++)
      free (expected.text[i][row]);
}

/* --- from within a callback ------------------------------------------------------------------- */

struct visit
{
  sigpolicy_context *context;
  unsigned n;
};

static int
visit (const sigpolicy_verdict *verdict, void *data)
{
  struct visit *it = data;
  sigpolicy_error *err = NULL;
  sigpolicy_context *other = NULL;

  it->n++;
  cr_expect (sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED);
  cr_expect (sigpolicy_context_set_policy_path (it->context, "/nonexistent", &err)
             == SIGPOLICY_E_USAGE);
  sigpolicy_error_free (err);
  cr_expect (sigpolicy_context_share (it->context, &other, NULL) == SIGPOLICY_E_USAGE);
  cr_expect (sigpolicy_explain (it->context, "docker://a.example/b:c", SIGPOLICY_FORMAT_TEXT, 0,
                                &(char *){ NULL }, NULL)
             == SIGPOLICY_E_USAGE);
  sigpolicy_context_set_tls_verify (it->context, 0);
  sigpolicy_context_free (it->context);
  return 0;
}

Test (api_context, not_from_within_a_callback, .init = make_files, .fini = remove_files)
{
  struct visit it = { new_context (), 0 };
  sigpolicy_request *request = NULL;

  cr_assert (
      sigpolicy_request_new (&request, NULL) == 0
      && sigpolicy_request_set_reference (request, "docker://registry.example/ns/app:v1", NULL) == 0
      && sigpolicy_request_set_manifest_file (request, FIXTURES "manifest.json", NULL) == 0
      && sigpolicy_request_add_signature_file (request, FIXTURES "good.sig", NULL) == 0);
  cr_expect (sigpolicy_evaluate_all (it.context, request, visit, &it, NULL) == 0);
  cr_expect (it.n == 1);
  sigpolicy_request_free (request);
}
