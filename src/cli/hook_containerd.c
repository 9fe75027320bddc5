/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

#include <libgen.h>

/*
 * containerd's image verifier (its package imageverifier/bindir): six words say the name and the
 * digest that it resolved, standard input has the descriptor. Exit status 0 lets the pull go on;
 * the first line of standard output is the reason that people see.
 */

#define DESCRIPTOR_TYPE  "application/vnd.oci.descriptor.v1+json"
#define DESCRIPTOR_BYTES 1048576

char **
hook_spell (int *argc, char **argv)
{
  static char hook[] = "hook", containerd[] = "containerd";
  static char words[][20] = { "--name", "--digest", "--stdin-media-type" };
  bool named = *argc > 0 && strcmp (basename (argv[0]), "containerd-image-verifier-sigpolicy") == 0;
  int n = 0;

  if (!named && (*argc < 3 || strcmp (argv[1], hook) != 0 || strcmp (argv[2], containerd) != 0))
    return argv;
  char **spelled = calloc ((size_t)*argc + 3, sizeof *spelled);
  for (int i = 0; spelled && i < *argc; i++)
    {
      spelled[n++] = argv[i];
      for (size_t j = 0; i && j < sizeof words / sizeof *words; j++)
        if (strcmp (argv[i], words[j] + 1) == 0)
          spelled[n - 1] = words[j];
      if (named && i == 0)
        {
          spelled[n++] = hook;
          spelled[n++] = containerd;
        }
    }
  *argc = spelled ? n : *argc;
  return spelled;
}

/* The bytes on standard input are a descriptor of that digest. */
static int
check_descriptor (const struct options *options)
{
  char digest[SIGPOLICY_DIGEST_SIZE];
  sigpolicy_error *error = NULL;
  char *bytes = NULL;
  size_t size = 0;

  int status = hook_read_input (DESCRIPTOR_BYTES, &bytes, &size);
  if (status != 0)
    return status;
  int rc = sigpolicy_descriptor_digest (bytes, size, digest, &error);
  free (bytes);
  if (rc < 0)
    return complain_error (error);
  if (strcmp (digest, options->digest) == 0)
    return 0;
  complain ("the descriptor has the digest %s, not %s", digest, options->digest);
  return EXIT_REJECTED;
}

static int
check_words (const struct verb *verb, const struct options *options)
{
  if (!options->name || !options->digest)
    return complain_usage (verb, "give -name and -digest, as containerd does");
  if (!options->stdin_media_type || strcmp (options->stdin_media_type, DESCRIPTOR_TYPE) != 0)
    return complain_usage (verb, "-stdin-media-type must be " DESCRIPTOR_TYPE);
  if (options->judge && strcmp (options->judge, "index") != 0
      && strcmp (options->judge, "platform") != 0)
    return complain_usage (verb, "--judge takes platform or index, not '%s'", options->judge);
  return check_descriptor (options);
}

static int
make_request (const struct options *options, sigpolicy_request **ret)
{
  sigpolicy_error *error = NULL;
  char *image = NULL;

  if (asprintf (&image, "docker://%s", options->name) < 0)
    return complain_error (NULL);
  int rc = sigpolicy_request_new (ret, &error);
  if (rc == 0)
    rc = sigpolicy_request_set_image (*ret, image, &error);
  if (rc == 0)
    rc = sigpolicy_request_set_digest (*ret, options->digest, &error);
  free (image);
  return rc < 0 ? complain_error (error) : 0;
}

struct answer
{
  const struct options *options;
  int64_t began;
  int status;
};

static int
say (const sigpolicy_verdict *verdict, const struct options *options)
{
  char *line = hook_line (verdict);
  int status = line ? print_result (line) : complain_error (NULL);
  free (line);
  return status != 0 ? status : verdict_status (options, verdict);
}

/* The first verdict of all is that of the list, or of the image that is no list. */
static int
take_first (const sigpolicy_verdict *verdict, void *data)
{
  struct answer *answer = data;
  record_verdict (answer->options, verdict, answer->began);
  answer->status = say (verdict, answer->options);
  return 1;
}

static int
judge (const struct options *options, sigpolicy_context *context, const sigpolicy_request *request)
{
  sigpolicy_verdict *verdict = NULL;
  sigpolicy_error *error = NULL;

  if (options->judge && strcmp (options->judge, "index") == 0)
    {
      struct answer answer
          = { .options = options, .began = record_begin (), .status = EXIT_INTERNAL };
      if (sigpolicy_evaluate_all (context, request, take_first, &answer, &error) < 0)
        return complain_error (error);
      return answer.status;
    }
  int status = hook_judge (options, context, request, &verdict);
  if (status == 0)
    status = say (verdict, options);
  sigpolicy_verdict_free (verdict);
  return status;
}

int
hook_containerd (const struct verb *verb, const struct options *options)
{
  sigpolicy_context *context = NULL;
  sigpolicy_request *request = NULL;

  int status = check_words (verb, options);
  /* A service without a home has no configuration of a user. */
  if (status == 0 && setenv ("HOME", "/nonexistent", 0) != 0)
    status = complain_error (NULL);
  if (status == 0)
    status = open_context (options, &context);
  if (status == 0)
    status = make_request (options, &request);
  if (status == 0)
    status = judge (options, context, request);
  sigpolicy_request_free (request);
  sigpolicy_context_free (context);
  return status;
}
