/* SPDX-License-Identifier: Apache-2.0 */
#include "model/reader.h"

#include "util/fs.h"
#include "util/limits.h"
#include "util/root.h"

#include <errno.h>
#include <sys/stat.h>

#ifdef __FreeBSD__
#  define DOCKER_CERTS "/usr/local/etc/docker/certs.d"
#else
#  define DOCKER_CERTS "/etc/docker/certs.d"
#endif

/* --- the table -------------------------------------------------------------------------------- */

/* A directory that has configuration, or one beside it for this kind of user or this user alone. */
enum place
{
  END,
  USER,
  ADMIN_UID,
  ADMIN_KIND,
  ADMIN_ALL,
  VENDOR_UID,
  VENDOR_KIND,
  VENDOR_ALL,
  DOCKER,
};

enum merge
{
  ALL_FILES,     /* of each directory, the best one last */
  ONE_DIRECTORY, /* of the first directory that is there */
  ONE_OF_A_NAME, /* of files with the same name the one in the best directory, in their order */
};

enum variable
{
  NO_VARIABLE,
  POLICY_JSON,
  REGISTRIES_CONF,
  REGISTRIES_CONFIG_PATH,
  REGISTRIES_CONF_OVERRIDE,
};

struct rule
{
  enum place files[4], directories[9]; /* best first */
  enum merge merge;
  /* Of the first that exists: what is passed over. NULL: whatever says nothing of the machine. */
  bool (*is_absent) (int errnum);
  bool (*is_file) (int directory, const char *name); /* what is read of a directory */
  bool links_are_not_entered;                        /* where a directory is a link */
  enum variable variables[3];                        /* that name the main file, */
  bool variable_is_alone;                            /* which then has no directories beside it */
  enum variable last;                                /* a variable that names one more file */
  bool users_file_is_alone; /* the user's main file goes with the user's directory alone */
};

static bool
is_missing (int errnum)
{
  return errnum == ENOENT;
}

static bool
is_out_of_reach (int errnum)
{
  return errnum == ENOENT || errnum == EACCES || errnum == EPERM;
}

/* By its kind in the directory: a link to a directory is none. What cannot be looked at is tried,
 * and fails by its name if it is still there. */
static bool
is_directory (int directory, const char *name)
{
  struct stat status;
  return fstatat (directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (status.st_mode);
}

static bool
is_yaml (int directory, const char *name)
{
  (void)directory;
  return sp_text_ends (name, ".yaml");
}

static bool
is_yaml_file (int directory, const char *name)
{
  return sp_text_ends (name, ".yaml") && !is_directory (directory, name);
}

static bool
is_conf_file (int directory, const char *name)
{
  return sp_text_ends (name, ".conf") && !is_directory (directory, name);
}

#define EVERYWHERE                                                              \
  {                                                                             \
    USER, ADMIN_UID, ADMIN_KIND, ADMIN_ALL, VENDOR_UID, VENDOR_KIND, VENDOR_ALL \
  }

static const struct generation
{
  const char *name;
  bool has_config_home; /* $XDG_CONFIG_HOME in place of ~/.config, set to nothing as well */
  struct rule rules[SP_CONFIGS];
} generations[SP_GENERATIONS] = {
  [SP_GENERATION_OLD]
  = { .name = "old",
      .rules
      = { [SP_CONFIG_POLICY] = { .files = { USER, ADMIN_ALL } },
          [SP_CONFIG_REGISTRIES_D]
          = { .directories = { USER, ADMIN_ALL }, .merge = ONE_DIRECTORY, .is_file = is_yaml },
          [SP_CONFIG_REGISTRIES_CONF] = { .files = { USER, ADMIN_ALL },
                                          .directories = { USER, ADMIN_ALL },
                                          .merge = ALL_FILES,
                                          .is_file = is_conf_file,
                                          .links_are_not_entered = true,
                                          .variables = { REGISTRIES_CONF, REGISTRIES_CONFIG_PATH },
                                          .users_file_is_alone = true },
          [SP_CONFIG_CERTS_D]
          = { .directories = { USER, ADMIN_ALL, DOCKER }, .is_absent = is_out_of_reach } } },
  [SP_GENERATION_5_40]
  = { .name = "5.40",
      .has_config_home = true,
      .rules
      = { [SP_CONFIG_POLICY] = { .files = { USER, ADMIN_ALL, VENDOR_ALL },
                                 .is_absent = is_missing,
                                 .variables = { POLICY_JSON } },
          [SP_CONFIG_REGISTRIES_D] = { .directories = EVERYWHERE,
                                       .merge = ONE_OF_A_NAME,
                                       .is_absent = is_missing,
                                       .is_file = is_yaml_file },
          [SP_CONFIG_REGISTRIES_CONF] = { .files = { USER, ADMIN_ALL, VENDOR_ALL },
                                          .directories = EVERYWHERE,
                                          .merge = ONE_OF_A_NAME,
                                          .is_absent = is_missing,
                                          .is_file = is_conf_file,
                                          .variables = { REGISTRIES_CONF },
                                          .variable_is_alone = true,
                                          .last = REGISTRIES_CONF_OVERRIDE },
          [SP_CONFIG_CERTS_D] = { .directories = { USER, ADMIN_UID, ADMIN_KIND, ADMIN_ALL,
                                                   VENDOR_UID, VENDOR_KIND, VENDOR_ALL, DOCKER },
                                  .is_absent = is_out_of_reach } } },
};

/* "registries" + ".rootful" + ".conf.d" */
static const struct name
{
  const char *stem, *file, *directory;
} names[SP_CONFIGS] = {
  [SP_CONFIG_POLICY] = { "policy", ".json", NULL },
  [SP_CONFIG_REGISTRIES_D] = { "registries", NULL, ".d" },
  [SP_CONFIG_REGISTRIES_CONF] = { "registries", ".conf", ".conf.d" },
  [SP_CONFIG_CERTS_D] = { "certs", NULL, ".d" },
};

static const struct rule *
rule_of (const struct sp_reader *reader, enum sp_config config)
{
  return &generations[reader->generation].rules[config];
}

const char *
sp_generation_name (enum sp_generation generation)
{
  return generations[generation].name;
}

bool
sp_generation_find (struct sp_view name, enum sp_generation *ret)
{
  for (unsigned i = 0; i < SP_GENERATIONS; i++)
    if (sp_view_is (name, generations[i].name))
      {
        *ret = (enum sp_generation)i;
        return true;
      }
  return false;
}

/* --- places ----------------------------------------------------------------------------------- */

/* The value of a variable; NULL where it is not set, or to nothing, or does not count. */
static const char *
variable (const struct sp_reader *reader, enum variable which)
{
  const char *values[]
      = { [POLICY_JSON] = secure_getenv ("CONTAINERS_POLICY_JSON"),
          [REGISTRIES_CONF] = secure_getenv ("CONTAINERS_REGISTRIES_CONF"),
          [REGISTRIES_CONFIG_PATH] = secure_getenv ("REGISTRIES_CONFIG_PATH"),
          [REGISTRIES_CONF_OVERRIDE] = secure_getenv ("CONTAINERS_REGISTRIES_CONF_OVERRIDE") };
  const char *value = which && reader->knows_environment ? values[which] : NULL;
  return value && value[0] ? value : NULL;
}

char *
sp_reader_path (const struct sp_reader *reader, const char *path, sigpolicy_error **err)
{
  return reader->root && reader->root[0] ? sp_root_path (reader->root, path, err)
                                         : sp_strdup (path, err);
}

/* The directory that has the user's files; *ret stays NULL where there is none. Without a home it
 * is not looked for below the working directory, where anybody may have put it; a variable that is
 * set to nothing leads there all the same, as it leads these readers. A user without a home is an
 * error for readers from 5.40 on, where that variable is not set. */
static int
users_directory (const struct sp_reader *reader, char **ret, sigpolicy_error **err)
{
  bool has_config_home = generations[reader->generation].has_config_home;
  const char *config
      = has_config_home && reader->knows_environment ? secure_getenv ("XDG_CONFIG_HOME") : NULL;

  if (config && strlen (config) < SP_PATH_BYTES_MAX)
    *ret = config[0] ? sp_asprintf (err, "%s/containers", config) : sp_strdup ("containers", err);
  else if (reader->home && reader->home[0])
    {
      if (strlen (reader->home) >= SP_PATH_BYTES_MAX)
        return 0;
      *ret = sp_asprintf (err, "%s/.config/containers", reader->home);
    }
  else if (has_config_home && reader->knows_environment)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                         "unable to resolve HOME directory: HOME is not set, and the user %u has "
                         "none",
                         reader->uid);
  else
    return 0;
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
add_place (const struct sp_reader *reader, enum place place, const char *stem, const char *suffix,
           struct sp_strv *ret, sigpolicy_error **err)
{
  bool for_kind = place == ADMIN_KIND || place == VENDOR_KIND;
  bool for_uid = place == ADMIN_UID || place == VENDOR_UID;
  cleanup_free char *users = NULL, *joined = NULL;
  const char *directory = place >= VENDOR_UID ? SP_READER_VENDOR : SP_READER_ADMIN;
  char uid[16] = "";

  if (for_uid && reader->uid == 0)
    return 0;
  if (for_uid)
    (void)snprintf (uid, sizeof uid, "/%u", reader->uid);
  if (place == USER)
    {
      int rc = users_directory (reader, &users, err);
      if (rc < 0 || !users)
        return rc;
      directory = users;
    }
  if (place == DOCKER)
    return sp_strv_add (ret, sp_view_str (DOCKER_CERTS), err);
  joined = sp_asprintf (err, "%s/%s%s%s%s", directory, stem,
                        !for_uid && !for_kind ? ""
                        : reader->uid == 0    ? ".rootful"
                                              : ".rootless",
                        suffix, uid);
  return joined ? sp_strv_take (ret, sp_fs_clean (joined, err), err) : SIGPOLICY_E_NO_MEMORY;
}

static int
add_places (const struct sp_reader *reader, const enum place *places, const char *stem,
            const char *suffix, struct sp_strv *ret, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && places[i] != END; i++)
    rc = add_place (reader, places[i], stem, suffix, ret, err);
  return rc;
}

int
sp_reader_first (const struct sp_reader *reader, enum sp_config config,
                 const struct sp_strv *places, char **ret, sigpolicy_error **err)
{
  const struct rule *rule = rule_of (reader, config);

  for (size_t i = 0; i < places->len; i++)
    {
      const char *place = places->items[i];
      cleanup_free char *path = sp_reader_path (reader, place, err);
      bool exists = false;
      if (!path)
        return sigpolicy_error_code (*err);
      if (!rule->is_absent && sp_fs_exists (path, &exists, err) < 0)
        return sigpolicy_error_code (*err);
      if (rule->is_absent)
        {
          exists = faccessat (AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
          if (!exists && !rule->is_absent (errno))
            {
              (void)sp_error_errno (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, errno,
                                    "%s %s", rule->files[0] == END ? "stat" : "open", path);
              return sp_error_position (err, place, 0, 0, NULL);
            }
        }
      if (exists)
        {
          *ret = sp_strdup (place, err);
          return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
        }
    }
  return 0;
}

/* --- what takes part -------------------------------------------------------------------------- */

void
sp_reader_choice_clear (struct sp_reader_choice *choice)
{
  free (choice->file);
  free (choice->last);
  sp_strv_clear (&choice->searched);
  sp_strv_clear (&choice->directories);
  memset (choice, 0, sizeof *choice);
}

static int
keep (const char *text, char **ret, sigpolicy_error **err)
{
  *ret = sp_strdup (text, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
choose_file (const struct sp_reader *reader, enum sp_config config, const char *named,
             struct sp_reader_choice *ret, sigpolicy_error **err)
{
  const struct rule *rule = rule_of (reader, config);
  cleanup_free char *users = NULL;

  for (size_t i = 0; !named && rule->variables[i]; i++)
    {
      named = variable (reader, rule->variables[i]);
      ret->has_variable = named != NULL;
    }
  ret->is_required = named != NULL;
  /* They look for the user's directory, whatever a variable names. */
  if (ret->has_variable && users_directory (reader, &users, err) < 0)
    return sigpolicy_error_code (*err);
  if (named)
    return keep (named, &ret->file, err);
  int rc = add_places (reader, rule->files, names[config].stem, names[config].file, &ret->searched,
                       err);
  return rc < 0 ? rc : sp_reader_first (reader, config, &ret->searched, &ret->file, err);
}

static bool
is_users (const struct sp_reader *reader, const struct sp_reader_choice *choice)
{
  return choice->file && !choice->is_required && choice->searched.len > 1
         && strcmp (choice->file, choice->searched.items[0]) == 0 && reader->home;
}

/* Of all that there may be, those that take part. */
static int
choose_directories (const struct sp_reader *reader, enum sp_config config,
                    struct sp_reader_choice *ret, sigpolicy_error **err)
{
  const struct rule *rule = rule_of (reader, config);
  cleanup_strv struct sp_strv places = { 0 };
  cleanup_free char *first = NULL;

  if (rule->variable_is_alone && ret->has_variable)
    return 0;
  int rc = add_places (reader, rule->directories, names[config].stem, names[config].directory,
                       &places, err);
  if (rc == 0 && rule->merge == ONE_DIRECTORY)
    rc = sp_reader_first (reader, config, &places, &first, err);
  if (rc < 0 || !places.len)
    return rc;
  if (rule->merge == ONE_DIRECTORY)
    return sp_strv_add (&ret->directories,
                        sp_view_str (first ? first : places.items[places.len - 1]), err);
  size_t count = rule->users_file_is_alone && is_users (reader, ret) ? 1 : places.len;
  for (size_t i = 0; rc == 0 && i < count; i++)
    rc = sp_strv_add (&ret->directories, sp_view_str (places.items[i]), err);
  return rc;
}

int
sp_reader_choose (const struct sp_reader *reader, enum sp_config config, const char *named,
                  struct sp_reader_choice *ret, sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { .generation = reader->generation };
  const struct rule *rule = rule_of (reader, config);
  bool has_files = rule->files[0] != END;
  int rc = 0;

  named = named && named[0] ? named : NULL;
  if (has_files)
    rc = choose_file (reader, config, named, &choice, err);
  if (rc == 0 && !has_files && named)
    rc = sp_strv_add (&choice.directories, sp_view_str (named), err);
  else if (rc == 0)
    rc = choose_directories (reader, config, &choice, err);
  if (rc == 0 && variable (reader, rule->last))
    rc = keep (variable (reader, rule->last), &choice.last, err);
  if (rc < 0)
    return rc;
  *ret = choice;
  memset (&choice, 0, sizeof choice);
  return 0;
}

/* --- the files of directories ----------------------------------------------------------------- */

/* A file, and how good its directory is: 0 is the best. */
struct entry
{
  const char *name;
  char *path;
  size_t rank;
};

struct entries
{
  struct entry *items;
  size_t len, capacity;
};

static void
entries_clear (struct entries *entries)
{
  for (size_t i = 0; i < entries->len; i++)
    free (entries->items[i].path);
  free (entries->items);
}

#define cleanup_entries SP_CLEANUP (entries_clear)

static int
refuse (const char *place, sigpolicy_error **err)
{
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  return sp_error_position (err, place, 0, 0, NULL);
}

/* The names in one directory; none where there is no directory. */
static int
list_names (const struct sp_reader *reader, const struct rule *rule, const char *place,
            size_t limit, struct sp_strv *found, sigpolicy_error **err)
{
  cleanup_free char *path = sp_reader_path (reader, place, err);
  struct stat status;

  if (!path)
    return sigpolicy_error_code (*err);
  if (rule->links_are_not_entered)
    {
      int errnum = lstat (path, &status) < 0 ? errno : 0;
      if (errnum && errnum != ENOENT)
        (void)sp_error_errno (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, errnum,
                              "lstat %s", path);
      if (errnum || !S_ISDIR (status.st_mode))
        return *err ? refuse (place, err) : 0;
    }
  int rc = sp_fs_list (path, rule->is_file, limit, found, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc < 0 ? refuse (place, err) : 0;
}

static int
add_entries (const struct sp_reader *reader, const struct rule *rule, const char *place,
             size_t rank, size_t limit, struct entries *entries, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv found = { 0 };

  int rc = list_names (reader, rule, place, limit, &found, err);
  for (size_t i = 0; rc == 0 && i < found.len; i++)
    {
      rc = sp_grow (&entries->items, &entries->capacity, entries->len, sizeof *entries->items, err);
      if (rc < 0)
        return rc;
      cleanup_free char *joined = sp_asprintf (err, "%s/%s", place, found.items[i]);
      char *path = joined ? sp_fs_clean (joined, err) : NULL;
      if (!path)
        return SIGPOLICY_E_NO_MEMORY;
      entries->items[entries->len++]
          = (struct entry){ .name = strrchr (path, '/') + 1, .path = path, .rank = rank };
    }
  return rc;
}

static int
by_name (const void *a, const void *b)
{
  const struct entry *left = a, *right = b;
  int order = strcmp (left->name, right->name);
  return order ? order : left->rank < right->rank ? -1 : left->rank > right->rank;
}

int
sp_reader_list (const struct sp_reader *reader, enum sp_config config,
                const struct sp_strv *directories, size_t limit, struct sp_strv *ret,
                sigpolicy_error **err)
{
  const struct rule *rule = rule_of (reader, config);
  cleanup_entries struct entries entries = { 0 };
  int rc = 0;

  for (size_t i = directories->len; rc == 0 && i > 0; i--)
    rc = add_entries (reader, rule, directories->items[i - 1], i - 1, limit, &entries, err);
  if (rc == 0 && rule->merge == ONE_OF_A_NAME && entries.len)
    qsort (entries.items, entries.len, sizeof *entries.items, by_name);
  for (size_t i = 0; rc == 0 && i < entries.len; i++)
    if (rule->merge != ONE_OF_A_NAME || i == 0
        || strcmp (entries.items[i].name, entries.items[i - 1].name) != 0)
      rc = sp_strv_add (ret, sp_view_str (entries.items[i].path), err);
  return rc;
}

int
sp_reader_read (const struct sp_reader *reader, const char *place, struct sp_buf *buf,
                bool *ret_absent, sigpolicy_error **err)
{
  cleanup_free char *path = sp_reader_path (reader, place, err);

  *ret_absent = false;
  if (!path)
    return sigpolicy_error_code (*err);
  if (sp_fs_read (path, buf, err) == 0)
    return 0;
  *ret_absent = sp_error_errnum (*err) == ENOENT;
  if (!*ret_absent)
    return refuse (place, err);
  sp_error_clear (err);
  return 0;
}
