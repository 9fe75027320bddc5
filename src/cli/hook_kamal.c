/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Kamal's hooks: programs without arguments, which Kamal tells by KAMAL_* what it is about to do.
 * The image is not among that; "kamal config" says it. What fails ends the deployment.
 */

#define OUTPUT_BYTES 1048576
#define IMAGE_MARK   ":absolute_image:"

/* Runs a command and takes what it prints; an exit status. *ret is to free(). */
static int
capture (const char *const *command, char **ret)
{
  posix_spawn_file_actions_t actions;
  int pipes[2], wait_status = 0;
  pid_t child;
  size_t size = 0;
  char *output = calloc (1, OUTPUT_BYTES + 1);

  if (!output || pipe2 (pipes, O_CLOEXEC) != 0)
    {
      free (output);
      return complain_error (NULL);
    }
  int errnum = posix_spawn_file_actions_init (&actions);
  if (!errnum)
    errnum = posix_spawn_file_actions_adddup2 (&actions, pipes[1], STDOUT_FILENO);
  if (!errnum)
    errnum = process_spawn (&child, command, &actions);
  (void)posix_spawn_file_actions_destroy (&actions);
  (void)close (pipes[1]);
  for (ssize_t n = 1; !errnum && n != 0 && size < OUTPUT_BYTES;)
    {
      n = read (pipes[0], output + size, OUTPUT_BYTES - size);
      size += n > 0 ? (size_t)n : 0;
      if (n < 0 && errno != EINTR)
        errnum = errno;
    }
  (void)close (pipes[0]);
  while (!errnum && waitpid (child, &wait_status, 0) < 0)
    errnum = errno == EINTR ? 0 : errno;
  if (!errnum && wait_status == 0 && size < OUTPUT_BYTES)
    {
      *ret = output;
      return 0;
    }
  /* Kamal says there what went wrong, with its secrets left out. */
  if (!errnum && wait_status != 0 && *output)
    complain ("%s", output);
  free (output);
  complain ("'%s' failed%s%s", command[0], errnum ? ": " : "", errnum ? strerror (errnum) : "");
  return EXIT_UNAVAILABLE;
}

/* Set to something. */
static const char *
said (const char *value)
{
  return value && *value ? value : NULL;
}

static bool
is_one_of (const char *word, const char *const *words)
{
  for (size_t i = 0; word && words[i]; i++)
    if (strcmp (word, words[i]) == 0)
      return true;
  return false;
}

/* The environment variable that an option names. */
static const char *
said_in (const char *variable)
{
  return said (secure_getenv (variable));
}

/* The value of ":absolute_image:", which is a line of its own. */
static char *
find_image (const char *config)
{
  for (const char *line = config; line; line = strchr (line, '\n'))
    {
      line += *line == '\n';
      if (strncmp (line, IMAGE_MARK " ", strlen (IMAGE_MARK) + 1) != 0)
        continue;
      line += strlen (IMAGE_MARK);
      line += strspn (line, " \"'");
      return strndup (line, strcspn (line, "\"' \r\n"));
    }
  return NULL;
}

/* As Kamal names it, for the destination and the version that it deploys. */
static int
ask_kamal (char **ret)
{
  const char *command[8] = { "kamal", "config" };
  const char *destination = said (secure_getenv ("KAMAL_DESTINATION"));
  const char *version = said (secure_getenv ("KAMAL_VERSION"));
  char *config = NULL;
  size_t n = 2;

  if (destination)
    {
      command[n++] = "--destination";
      command[n++] = destination;
    }
  if (version)
    {
      command[n++] = "--version";
      command[n++] = version;
    }
  int status = capture (command, &config);
  if (status != 0)
    return status;
  *ret = find_image (config);
  free (config);
  if (*ret && **ret)
    return 0;
  complain ("'kamal config' names no image (" IMAGE_MARK ")");
  return EXIT_UNAVAILABLE;
}

int
hook_kamal_name (const struct options *options, char **ret)
{
  if (!options->image_name)
    return parent_is_there () ? parent_kamal_name (ret) : ask_kamal (ret);
  *ret = strdup (options->image_name);
  return *ret ? 0 : complain_error (NULL);
}

/* From the environment, where Kamal puts its secrets; never through an argument. */
static int
set_credentials (const struct options *options, sigpolicy_context *context)
{
  const char *user = options->username_env ? said_in (options->username_env)
                                           : said (secure_getenv ("KAMAL_REGISTRY_USERNAME"));
  const char *password = options->password_env ? said_in (options->password_env)
                                               : said (secure_getenv ("KAMAL_REGISTRY_PASSWORD"));
  sigpolicy_error *error = NULL;
  char *both = NULL;

  if (options->creds || !user || !password)
    return 0;
  if (asprintf (&both, "%s:%s", user, password) < 0)
    return complain_error (NULL);
  int rc = sigpolicy_context_set_credentials (context, both, &error);
  explicit_bzero (both, strlen (both));
  free (both);
  return rc < 0 ? complain_error (error) : 0;
}

static int
make_request (const char *name, sigpolicy_request **ret)
{
  sigpolicy_error *error = NULL;
  char *image = NULL;

  if (asprintf (&image, "docker://%s", name) < 0)
    return complain_error (NULL);
  int rc = sigpolicy_request_new (ret, &error);
  if (rc == 0)
    rc = sigpolicy_request_set_image (*ret, image, &error);
  sigpolicy_request_set_needs_pin (*ret, 1);
  free (image);
  return rc < 0 ? complain_error (error) : 0;
}

static bool
is_first (const struct options *options)
{
  return options->stage && strcmp (options->stage, "pre-connect") == 0;
}

/* Before a deployment that builds the image, there is none yet; and "kamal app" does not say which
 * version it will boot: the hook that comes then is told. */
static const char *
who_comes_later (const struct options *options, int status)
{
  static const char *const builders[] = { "deploy", "redeploy", "setup", NULL };
  const char *command = said (secure_getenv ("KAMAL_COMMAND"));

  if (status != EXIT_NOT_FOUND || !is_first (options) || !command)
    return NULL;
  if (is_one_of (command, builders))
    return "pre-deploy";
  return strcmp (command, "app") == 0 ? "pre-app-boot" : NULL;
}

/* Is the digest one of the list that docker printed, "NAME@DIGEST" each? */
static bool
holds (const char *list, const char *digest)
{
  const char *at = strstr (list, digest);
  return at && at > list && at[-1] == '@' && at[strlen (digest)] == '"';
}

int
hook_kamal_hosts (const char *name, char **ret)
{
  char *inspect = NULL;

  if (parent_is_there ())
    return parent_kamal_hosts (ret);
  /* The name is one that was judged: nothing in it is the shell's. */
  if (asprintf (&inspect, "docker image inspect -f '{{json .RepoDigests}}' %s", name) < 0)
    return complain_error (NULL);
  const char *command[] = { "kamal", "server", "exec", "--raw", inspect, NULL };
  int status = capture (command, ret);
  free (inspect);
  return status;
}

/* Every host has the image by a digest that was verified. docker names the list, where it was
 * pulled by one. */
static int
compare_hosts (const char *name, const sigpolicy_verdict *verdict)
{
  const char *list = sigpolicy_verdict_list_digest (verdict);
  const char *digest = list ? list : sigpolicy_verdict_digest (verdict);
  char *output = NULL;
  size_t hosts = 0;

  int status = hook_kamal_hosts (name, &output);
  for (char *line = output, *next; status == 0 && line; line = next)
    {
      next = strchr (line, '\n');
      if (next)
        *next++ = '\0';
      if (*line != '[')
        continue;
      hosts++;
      if (!holds (line, digest))
        {
          complain ("the image on a host is %s, not %s", line, digest);
          status = EXIT_REJECTED;
        }
    }
  free (output);
  if (status == 0 && !hosts)
    {
      complain ("no host reported the digest of the image");
      status = EXIT_UNAVAILABLE;
    }
  return status;
}

static int
judge (const struct options *options, sigpolicy_context *context, const char *name)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  const char *later;
  char *line = NULL;

  int status = make_request (name, &request);
  if (status == 0)
    status = hook_judge (options, context, request, &verdict);
  if (status == 0)
    status = verdict_status (options, verdict);
  bool is_accepted = status == 0;
  if (is_accepted && options->hosts)
    status = compare_hosts (name, verdict);
  if (status == 0)
    {
      if (asprintf (&line, "%s\n", sigpolicy_verdict_pinned (verdict)) < 0)
        line = NULL;
      status = line ? print_result (line) : complain_error (NULL);
    }
  else if (is_accepted)
    complain ("%s: exit %d: the hosts do not have the image that was verified", name, status);
  else if (verdict && (later = who_comes_later (options, status)))
    {
      complain ("%s does not exist yet: %s verifies what is deployed", name, later);
      status = 0;
    }
  else if (verdict && (line = hook_line (verdict)))
    /* Kamal shows what a hook prints when it fails, and a number that is not ours. */
    complain ("%s: exit %d: %s", name, status, line);
  free (line);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return status;
}

/* What deploys an image; everything else Kamal does has none to verify. */
static bool
is_deployment (void)
{
  static const char *const commands[] = { "deploy", "redeploy", "rollback", "setup", "app", NULL };
  const char *command = said (secure_getenv ("KAMAL_COMMAND"));

  return !command || is_one_of (command, commands);
}

/* Kamal connects before it says which version it rolls back to: pre-deploy has that. */
static bool
is_before_version (const struct options *options)
{
  const char *command = said (secure_getenv ("KAMAL_COMMAND"));

  return is_first (options) && command && strcmp (command, "rollback") == 0;
}

int
hook_kamal (const struct verb *verb, const struct options *options)
{
  static const char *const stages[]
      = { "pre-connect", "pre-deploy", "pre-app-boot", "post-deploy", NULL };
  sigpolicy_context *context = NULL;
  char *name = NULL;

  if (options->stage && !is_one_of (options->stage, stages))
    return complain_usage (verb,
                           "--stage takes pre-connect, pre-deploy, pre-app-boot or "
                           "post-deploy, not '%s'",
                           options->stage);
  if (!is_deployment ())
    return 0;
  if (is_before_version (options))
    {
      complain ("Kamal does not give the version in pre-connect: pre-deploy verifies the image");
      return 0;
    }
  int status = hook_kamal_name (options, &name);
  if (status == 0)
    status = open_context (options, &context);
  if (status == 0)
    status = set_credentials (options, context);
  if (status == 0)
    status = judge (options, context, name);
  sigpolicy_context_free (context);
  free (name);
  return status;
}
