/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Each test has a directory of its own, and works in it. */
static char directory[] = "/tmp/sigpolicy-policy-XXXXXX";

static void
set_up (void)
{
  cr_assert (mkdtemp (directory) && chdir (directory) == 0);
  unsetenv ("CONTAINERS_POLICY_JSON");
  unsetenv ("XDG_CONFIG_HOME");
}

static void
tear_down (void)
{
  cr_assert (chdir ("/") == 0 && remove_tree (directory) == 0);
}

TestSuite (model_policy_file, .init = set_up, .fini = tear_down);

#define REJECT "{\"default\":[{\"type\":\"reject\"}]}"

/* Writes a file, and the directories that lead there. */
static void
put (const char *path, const char *text)
{
  sigpolicy_error *err = NULL;
  cleanup_free char *copy = sp_strdup (path, &err);
  for (char *slash = strchr (copy, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      (void)mkdir (copy, 0777);
      *slash = '/';
    }
  cr_assert (put_file (path, sp_view_str (text), &err) == 0);
}

/* --- which file ------------------------------------------------------------------------------- */

#define HOST "/etc/containers/policy.json"

/* The directory of the test is "/" to the reader. */
static struct sp_reader
reader_of (enum sp_generation generation, const char *home)
{
  return (struct sp_reader){
    .generation = generation, .root = directory, .home = home, .knows_environment = true
  };
}

#define USER "home/.config/containers/policy.json"

static void
expect_choice (const char *explicit_path, const char *home, const char *wanted)
{
  const struct sp_reader reader = reader_of (SP_GENERATION_OLD, home);
  sigpolicy_error *err = NULL;
  cleanup_free char *chosen = sp_policy_choose (&reader, explicit_path, &err);
  cr_assert (chosen, "%s", sigpolicy_error_text (err));
  cr_expect_str_eq (chosen, wanted, "%s", chosen);
}

static void
expect_none (const char *home, const char *wanted)
{
  const struct sp_reader reader = reader_of (SP_GENERATION_OLD, home);
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *chosen = sp_policy_choose (&reader, NULL, &err);
  cr_assert (!chosen && err, "%s", chosen);
  cr_expect_str_eq (sigpolicy_error_message (err), wanted);
  cr_expect (sigpolicy_error_code (err) == SIGPOLICY_E_CONFIG
             && sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR
             && sigpolicy_error_hint (err));
}

Test (model_policy_file, none_anywhere)
{
  expect_none ("home", "no policy.json file found at any of the following: "
                       "\"" USER "\", \"" HOST "\"");
  expect_none ("./home/../x//", "no policy.json file found at any of the following: "
                                "\"x/.config/containers/policy.json\", \"" HOST "\"");
  expect_none (NULL, "no policy.json file found at any of the following: \"" HOST "\"");
  expect_none ("", "no policy.json file found at any of the following: \"" HOST "\"");
}

/* What is given is taken as it is, there or not. */
Test (model_policy_file, explicit_path)
{
  put (USER, REJECT);
  expect_choice ("nowhere/../$HOME/~", "home", "nowhere/../$HOME/~");
  expect_choice ("", "home", "");
}

Test (model_policy_file, order)
{
  put (&HOST[1], REJECT);
  expect_choice (NULL, "home", HOST);
  expect_choice (NULL, NULL, HOST);
  put (USER, "");
  expect_choice (NULL, "home", USER);
  expect_choice (NULL, "./home//", USER);
  expect_choice (NULL, NULL, HOST);
}

/* Without a home the working directory is not looked into. */
Test (model_policy_file, no_home)
{
  put (".config/containers/policy.json", REJECT);
  expect_none (NULL, "no policy.json file found at any of the following: \"" HOST "\"");
  expect_none ("", "no policy.json file found at any of the following: \"" HOST "\"");
  expect_choice (NULL, ".", ".config/containers/policy.json");
}

/* A link that leads nowhere is not there; a directory is, and is not skipped. */
Test (model_policy_file, odd_files)
{
  put (&HOST[1], REJECT);
  put ("home/.config/containers/other", REJECT);
  cr_assert (symlink ("missing", USER) == 0);
  expect_choice (NULL, "home", HOST);
  cr_assert (unlink (USER) == 0 && symlink ("policy.json", USER) == 0);
  expect_choice (NULL, "home", HOST);
  cr_assert (unlink (USER) == 0 && symlink ("other", USER) == 0);
  expect_choice (NULL, "home", USER);
  cr_assert (unlink (USER) == 0 && mkdir (USER, 0777) == 0);
  expect_choice (NULL, "home", USER);
}

/* --- the order of 5.40 ------------------------------------------------------------------------ */

static void
expect_newer (const char *home, const char *wanted)
{
  const struct sp_reader reader = reader_of (SP_GENERATION_5_40, home);
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *newer = sp_policy_choose (&reader, NULL, &err);
  const char *said = newer ? newer : sigpolicy_error_message (err);
  cr_expect (strstr (said, wanted) && (newer || *wanted != '/'), "%s instead of %s", said, wanted);
}

Test (model_policy_file, newer_order)
{
  expect_newer ("home", "config file not found: no policy.json file found; searched paths: "
                        "[\"home/.config/containers/policy.json\" \"/etc/containers/policy.json\" "
                        "\"/usr/share/containers/policy.json\"]");
  put ("usr/share/containers/policy.json", REJECT);
  expect_newer ("home", "/usr/share/containers/policy.json");
  put (&HOST[1], REJECT);
  expect_newer ("home", HOST);
  put (USER, REJECT);
  expect_newer ("home", USER);
  expect_newer (NULL, "unable to resolve HOME directory");

  cr_assert (setenv ("XDG_CONFIG_HOME", "xdg", 1) == 0);
  expect_newer ("home", HOST);
  expect_newer (NULL, HOST);
  put ("xdg/containers/policy.json", REJECT);
  expect_newer ("home", "xdg/containers/policy.json");
  cr_assert (setenv ("XDG_CONFIG_HOME", "", 1) == 0);
  put ("containers/policy.json", REJECT);
  expect_newer ("home", "containers/policy.json");

  cr_assert (setenv ("CONTAINERS_POLICY_JSON", "", 1) == 0);
  expect_newer ("home", "containers/policy.json");
  cr_assert (setenv ("CONTAINERS_POLICY_JSON", "missing", 1) == 0);
  expect_newer ("home", "missing");
}

/* A link that leads nowhere is passed over; what cannot be opened for another reason is not. */
Test (model_policy_file, newer_odd_files)
{
  put (&HOST[1], REJECT);
  put ("home/.config/containers/other", REJECT);
  cr_assert (symlink ("missing", USER) == 0);
  expect_newer ("home", HOST);
  cr_assert (unlink (USER) == 0 && symlink ("policy.json", USER) == 0);
  expect_newer ("home", "too many levels of symbolic links");
  put ("file", "");
  expect_newer ("file", "not a directory");
}

/* --- loading ---------------------------------------------------------------------------------- */

static sigpolicy_error *
fail_to_load (const char *path)
{
  cleanup_policy struct sp_policy *policy = NULL;
  sigpolicy_error *err = NULL;
  cr_assert (sp_policy_load (path, &policy, &err) == SIGPOLICY_E_CONFIG && !policy, "%s", path);
  cr_expect_str_eq (sigpolicy_error_file (err), path);
  return err;
}

Test (model_policy_file, loads)
{
  cleanup_policy struct sp_policy *policy = NULL;
  sigpolicy_error *err = NULL;

  put ("p.json", REJECT);
  cr_assert (symlink ("p.json", "link") == 0);
  cr_assert (sp_policy_load ("link", &policy, &err) == 0);
  cr_expect_str_eq (sp_policy_path (policy), "link");
}

Test (model_policy_file, invalid)
{
  static const struct
  {
    const char *text, *message;
    unsigned line, column;
  } cases[] = {
    { "", "invalid policy in \"p \\\"q\\\".json\": unexpected end of JSON input", 1, 1 },
    { "{}", "invalid policy in \"p \\\"q\\\".json\": Default policy is missing", 1, 1 },
    { "{\"default\":\n[{\"type\":\"x\"}]}",
      "invalid policy in \"p \\\"q\\\".json\": Unknown policy requirement type \"x\"", 2, 10 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      put ("p \"q\".json", cases[i].text);
      cleanup_error sigpolicy_error *err = fail_to_load ("p \"q\".json");
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message);
      cr_expect (sigpolicy_error_line (err) == cases[i].line
                 && sigpolicy_error_column (err) == cases[i].column);
      cr_expect (sigpolicy_error_hint (err));
    }
}

Test (model_policy_file, unreadable)
{
  static const struct
  {
    const char *path, *message;
  } cases[] = {
    { "missing", "open missing: no such file or directory" },
    { "dir", "read dir: is a directory" },
    { "fifo", "read fifo: not a regular file" },
    { "loop", "open loop: too many levels of symbolic links" },
    { "file/x", "open file/x: not a directory" },
    { "secret", "open secret: permission denied" },
  };
  put ("file", REJECT);
  put ("secret", REJECT);
  cr_assert (mkdir ("dir", 0777) == 0 && mkfifo ("fifo", 0666) == 0 && symlink ("loop", "loop") == 0
             && chmod ("secret", 0) == 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      /* The superuser reads it all the same. */
      if (strcmp (cases[i].path, "secret") == 0 && geteuid () == 0)
        continue;
      cleanup_error sigpolicy_error *err = fail_to_load (cases[i].path);
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR
                 && sigpolicy_error_line (err) == 0);
    }
}

Test (model_policy_file, too_large)
{
  cleanup_policy struct sp_policy *policy = NULL;
  sigpolicy_error *err = NULL;

  put ("p.json", REJECT);
  int fd = open ("p.json", O_WRONLY | O_APPEND | O_CLOEXEC);
  cleanup_buf struct sp_buf blanks = SP_BUF (SP_POLICY_BYTES_MAX);
  while (blanks.len < SP_POLICY_BYTES_MAX - strlen (REJECT))
    sp_buf_byte (&blanks, ' ');
  cr_assert (fd >= 0 && write (fd, blanks.data, blanks.len) == (ssize_t)blanks.len);
  cr_expect (sp_policy_load ("p.json", &policy, &err) == 0);
  cr_assert (write (fd, " ", 1) == 1 && close (fd) == 0);
  err = fail_to_load ("p.json");
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sigpolicy_error_free (err);
}
