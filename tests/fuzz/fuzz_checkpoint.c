/* SPDX-License-Identifier: Apache-2.0 */

/* The checkpoint of a log: what is signed begins with its name, and no log that we make up has
 * signed it. */
#include "fuzz.h"

#include "verify/checkpoint.h"

#include "util/limits.h"

static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                          "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGyZ1NSDwnxbkVXEojEPjV4LSZpzv\n"
                          "DOZpEEXNvDhOQ2T/FuGPndEEa2hhpVz4ANZNpRPgimz7uZXbQ5tkJZtNfw==\n"
                          "-----END PUBLIC KEY-----\n";

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static struct sp_trusted_log log;
  static char name[] = "log.example";
  struct sp_checkpoint checkpoint;
  size_t others = 0;
  cleanup_error sigpolicy_error *err = NULL, *first = NULL, *second = NULL;

  if (!log.key)
    {
      log.name = name;
      require (sp_public_key_from_pem (sp_view_str (pem), &log.key, &err) == 0);
    }
  if (sp_checkpoint_parse (sp_view_n ((const char *)data, size), &checkpoint, &err) < 0)
    return 0;
  require (checkpoint.size >= 0 && checkpoint.n_signatures > 0
           && checkpoint.n_signatures <= SP_CHECKPOINT_SIGNATURES_MAX);
  require (sp_view_starts (checkpoint.text, checkpoint.origin));
  require (checkpoint.text.data[checkpoint.text.len - 1] == '\n');
  require (sp_checkpoint_verify (&checkpoint, &log, SP_LOG_V1, &others, &first) < 0);
  require (sp_checkpoint_verify (&checkpoint, &log, SP_LOG_V2, &others, &second) < 0);
  return 0;
}
