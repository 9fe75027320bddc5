/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "openpgp/key_facts.h"
#include "util/limits.h"

#include <stdint.h>

static void
check (const struct sp_key_fact *key)
{
  size_t digits = strlen (key->fingerprint);
  if (digits && digits != (key->version == 4 ? 40 : 64))
    __builtin_trap ();
  if ((digits == 0) != key->is_truncated && !key->secret)
    __builtin_trap ();
  if (strspn (key->fingerprint, "0123456789ABCDEF") != digits
      || (key->expires && key->expires <= key->created))
    __builtin_trap ();
}

/* Every key is whole or says that it is not, and nothing comes of what is no key file. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_key_facts struct sp_key_facts_list list = { 0 };

  if (sp_openpgp_key_facts (sp_view_n ((const char *)data, size), &list, &err) < 0)
    {
      if (list.len || sigpolicy_error_reason (err) != SIGPOLICY_REASON_LIMIT)
        __builtin_trap ();
      return 0;
    }
  if (list.len > SP_KEYS_MAX
      || (list.len && list.kind != SP_KEY_FILE_BINARY && list.kind != SP_KEY_FILE_ARMORED))
    __builtin_trap ();
  for (size_t i = 0; i < list.len; i++)
    {
      check (&list.items[i].key);
      for (size_t k = 0; k < list.items[i].n_subkeys; k++)
        check (&list.items[i].subkeys[k]);
    }
  return 0;
}
