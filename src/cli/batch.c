/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <unistd.h>

/* verify --batch: the lines of a file. */

#define LINE_MAX_KEPT (1024UL * 1024UL + 1) /* one byte more than is allowed, to be told apart */

/* The next line that is not blank; of a line that is too long, as much as shows that. */
static int
read_text (FILE *file, struct question *ret)
{
  size_t capacity = 0;
  bool blank = true;
  int byte = 0;

  *ret = (struct question){ .number = ret->number + 1 };
  while ((byte = getc_unlocked (file)) != EOF)
    {
      if (byte == '\n' && !blank)
        return 0;
      if (byte == '\n')
        {
          ret->number++;
          ret->size = 0;
          continue;
        }
      blank = blank && (byte == ' ' || byte == '\t' || byte == '\r');
      if (ret->size == LINE_MAX_KEPT)
        continue;
      if (ret->size == capacity)
        {
          capacity = capacity ? capacity * 2 : 256;
          char *text = realloc (ret->text, capacity);
          if (!text)
            return complain_error (NULL);
          ret->text = text;
        }
      ret->text[ret->size++] = (char)byte;
    }
  if (!blank && !ferror (file))
    return 0;
  free (ret->text);
  ret->text = NULL;
  return 0;
}

static int
read_line (void *data, struct question *ret, bool *ret_more)
{
  int status = read_text (data, ret);
  *ret_more = ret->text;
  if (status == 0 && ferror ((FILE *)data))
    {
      complain ("cannot read the batch: %s", strerror (errno));
      status = EXIT_UNAVAILABLE;
    }
  return status;
}

static int
make_of_line (const void *data, const struct question *question, sigpolicy_request **ret,
              sigpolicy_error **error)
{
  (void)data;
  return sigpolicy_request_parse (question->text, question->size, ret, error);
}

int
number_answer (char **json, const char *id, size_t number)
{
  char *numbered = NULL;

  if (asprintf (&numbered, "{\"id\":%s,\"line\":%zu,%s", id ? id : "null", number, *json + 1) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  free (*json);
  *json = numbered;
  return 0;
}

static int
write_line (const void *data, const struct question *question, const sigpolicy_request *request,
            const sigpolicy_verdict *verdict, char **ret, sigpolicy_error **error)
{
  (void)data;
  int rc = sigpolicy_verdict_format (verdict, SIGPOLICY_FORMAT_JSONL, 0, ret, error);
  return rc < 0 ? rc : number_answer (ret, sigpolicy_request_id (request), question->number);
}

/* A batch brings its images and names with it. */
static int
check_combination (const struct verb *verb, const struct options *options)
{
  if (options->n_arguments || options->manifest || options->signatures.len || options->signature_dir
      || options->reference || options->as)
    return complain_usage (verb, "--batch reads the image names from its file: name no image here, "
                                 "and do not use --manifest or --as");
  if (options->digest)
    return complain_usage (
        verb, "--digest is for one image: in a batch, write the digest in the image name");
  if (options->print_ref)
    return complain_usage (
        verb, "--print-ref cannot be used with --batch: read \"pinned\" from each line of JSON");
  if (options->format_name && options->format != SIGPOLICY_FORMAT_JSONL && !options->document)
    return complain_usage (verb, "--batch writes only JSON Lines, not --format %s",
                           options->format_name);
  return 0;
}

/* The lines that will be questions; 0 where the file cannot be read twice. */
static size_t
count_lines (FILE *file)
{
  struct question question = { 0 };
  size_t n = 0;

  if (fseek (file, 0, SEEK_SET) != 0)
    return 0;
  while (read_text (file, &question) == 0 && question.text)
    {
      n++;
      free (question.text);
    }
  return fseek (file, 0, SEEK_SET) == 0 ? n : 0;
}

int
verify_batch (const struct verb *verb, const struct options *options)
{
  bool standard_input = strcmp (options->batch, "-") == 0;
  struct questions lines = { .read = read_line, .make = make_of_line, .write = write_line };

  int status = check_combination (verb, options);
  if (status != 0)
    return status;
  FILE *file = standard_input ? stdin : fopen (options->batch, "re");
  if (!file)
    {
      complain ("cannot open the batch '%s': %s", options->batch, strerror (errno));
      return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_UNAVAILABLE;
    }
  lines.data = file;
  if (!standard_input && isatty (STDERR_FILENO))
    lines.total = count_lines (file);
  status = judge_many (verb, options, &lines);
  if (!standard_input)
    (void)fclose (file);
  return status;
}
