/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/digest.h"

static const struct
{
  struct sp_view name;
  size_t digits;
} algorithms[] = {
  { SP_VIEW ("sha256"), 64 },
  { SP_VIEW ("sha384"), 96 },
  { SP_VIEW ("sha512"), 128 },
};

static bool
is_lower_alnum (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_hex (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (!((text.data[i] >= '0' && text.data[i] <= '9')
          || (text.data[i] >= 'a' && text.data[i] <= 'f')))
      return false;
  return true;
}

bool
sp_digest_is_hex64 (struct sp_view text)
{
  return text.len == 64 && is_hex (text);
}

/* [a-z0-9]+([.+_-][a-z0-9]+)*: what an algorithm that we do not know looks like. */
static bool
names_an_algorithm (struct sp_view text)
{
  bool after_separator = true;
  for (size_t i = 0; i < text.len; i++)
    {
      bool separator = strchr (".+_-", text.data[i]) && text.data[i];
      if (separator ? after_separator : !is_lower_alnum (text.data[i]))
        return false;
      after_separator = separator;
    }
  return !after_separator;
}

static bool
encodes_something (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (!is_lower_alnum (c) && !(c >= 'A' && c <= 'Z') && c != '=' && c != '_' && c != '-')
        return false;
    }
  return text.len > 0;
}

static int
invalid (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE, "%s", text);
}

int
sp_digest_check (struct sp_view digest, sigpolicy_error **err)
{
  size_t colon = sp_view_find (digest, ':');
  if (colon == SP_VIEW_NONE || colon == 0 || colon + 1 == digest.len)
    return invalid (err, "invalid checksum digest format");

  struct sp_view algorithm = sp_view_head (digest, colon), value = sp_view_from (digest, colon + 1);
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    {
      if (!sp_view_equal (algorithm, algorithms[i].name))
        continue;
      if (value.len != algorithms[i].digits)
        return invalid (err, "invalid checksum digest length");
      return is_hex (value) ? 0 : invalid (err, "invalid checksum digest format");
    }
  return invalid (err, names_an_algorithm (algorithm) && encodes_something (value)
                           ? "unsupported digest algorithm"
                           : "invalid checksum digest format");
}
