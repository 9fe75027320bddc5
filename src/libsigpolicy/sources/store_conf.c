/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store.h"

#include "json/json.h"
#include "toml/toml.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/auxv.h>

/*
 * containers-storage.conf(5). Root reads one file: that of CONTAINERS_STORAGE_CONF, else
 * $XDG_CONFIG_HOME/containers/storage.conf, else /etc/containers/storage.conf, else
 * /usr/share/containers/storage.conf. For everybody else that file gives the driver and
 * rootless_storage_path alone, and one of their own, where there is one, all else.
 */

#define SYSTEM_CONF  "/etc/containers/storage.conf"
#define SHIPPED_CONF "/usr/share/containers/storage.conf"
#define SYSTEM_ROOT  "/var/lib/containers/storage"
#define SYSTEM_RUN   "/run/containers/storage"

void
sp_store_conf_clear (struct sp_store_conf *conf)
{
  free (conf->driver);
  free (conf->graph_root);
  free (conf->run_root);
  free (conf->rootless_path);
  free (conf->image_store);
  sp_strv_clear (&conf->additional);
}

void
sp_store_location_clear (struct sp_store_location *location)
{
  sp_store_name_clear (&location->name);
  sp_strv_clear (&location->roots);
  free (location->file);
}

/* --- the file --------------------------------------------------------------------------------- */

static int
mismatch (const struct sp_toml_node *value, const char *wanted, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "toml: line %u: %s is wanted here", value->line, wanted);
  return sp_error_position (err, NULL, value->line, value->column, NULL);
}

/* A string that says something, in place of what is there. */
static int
take_string (const struct sp_toml_node *value, char **slot, sigpolicy_error **err)
{
  if (value->type != SP_TOML_STRING || sp_view_find (value->text, '\0') != SP_VIEW_NONE)
    return mismatch (value, "a string", err);
  char *text = sp_view_dup (value->text, err);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  free (*slot);
  *slot = text;
  return 0;
}

static int
take_bool (const struct sp_toml_node *value, bool *ret, sigpolicy_error **err)
{
  if (value->type != SP_TOML_BOOLEAN)
    return mismatch (value, "true or false", err);
  *ret = value->boolean;
  return 0;
}

static int
take_options (const struct sp_toml_node *options, struct sp_store_conf *conf, sigpolicy_error **err)
{
  int rc = 0;
  if (options->type != SP_TOML_TABLE)
    return mismatch (options, "a table", err);
  for (const struct sp_toml_node *it = options->first; rc == 0 && it; it = it->next)
    {
      if (!sp_json_folds_to (it->key, "additionalimagestores"))
        continue;
      if (it->type != SP_TOML_ARRAY)
        return mismatch (it, "a list of strings", err);
      for (const struct sp_toml_node *path = it->first; rc == 0 && path; path = path->next)
        rc = path->type == SP_TOML_STRING ? sp_strv_add (&conf->additional, path->text, err)
                                          : mismatch (path, "a string", err);
    }
  return rc;
}

static int
take_storage (const struct sp_toml_node *storage, struct sp_store_conf *conf, sigpolicy_error **err)
{
  const struct
  {
    const char *name;
    char **slot;
  } strings[] = {
    { "driver", &conf->driver },          { "graphroot", &conf->graph_root },
    { "runroot", &conf->run_root },       { "rootless_storage_path", &conf->rootless_path },
    { "imagestore", &conf->image_store },
  };
  int rc = 0;

  if (storage->type != SP_TOML_TABLE)
    return mismatch (storage, "a table", err);
  for (const struct sp_toml_node *it = storage->first; rc == 0 && it; it = it->next)
    {
      for (size_t i = 0; rc == 0 && i < sizeof strings / sizeof *strings; i++)
        if (sp_json_folds_to (it->key, strings[i].name))
          rc = take_string (it, strings[i].slot, err);
      if (rc == 0 && sp_json_folds_to (it->key, "options"))
        rc = take_options (it, conf, err);
      if (rc == 0 && sp_json_folds_to (it->key, "transient_store"))
        rc = take_bool (it, &conf->transient, err);
    }
  return rc;
}

int
sp_store_conf_parse (struct sp_view text, struct sp_store_conf *ret, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_conf_clear) struct sp_store_conf conf = { 0 };
  cleanup_toml struct sp_toml *toml = NULL;

  int rc = sp_toml_parse (text, &toml, err);
  if (rc < 0)
    return rc;
  for (const struct sp_toml_node *it = sp_toml_root (toml)->first; rc == 0 && it; it = it->next)
    if (sp_json_folds_to (it->key, "storage"))
      rc = take_storage (it, &conf, err);
  if (rc < 0)
    return rc;
  *ret = conf;
  conf = (struct sp_store_conf){ 0 };
  return 0;
}

static int
load (const char *path, struct sp_store_conf *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX);

  sp_store_conf_clear (ret);
  *ret = (struct sp_store_conf){ 0 };
  int rc = sp_fs_read (path, &text, err);
  if (rc == 0)
    rc = sp_store_conf_parse (sp_buf_view (&text), ret, err);
  if (rc == 0)
    return 0;
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_position (err, path, 0, 0, NULL);
  return sp_error_while (err, "reading the storage configuration '%s'", path);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* An empty value of the environment says nothing. */
static const char *
said (const char *value)
{
  return value && *value ? value : NULL;
}

/* Any variable: a path may have it. */
static const char *
value_of (struct sp_view name)
{
  for (char **at = getauxval (AT_SECURE) ? NULL : environ; at && *at; at++)
    if (sp_view_starts (sp_view_str (*at), name) && (*at)[name.len] == '=')
      return *at + name.len + 1;
  return "";
}

static bool
is_word (char byte)
{
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
         || (byte >= 'a' && byte <= 'z') || byte == '_';
}

/* $NAME and ${NAME}; $UID is the user's, whether it is exported or not. */
static char *
expand (const char *path, unsigned uid, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_PATH_BYTES_MAX);

  for (struct sp_view left = sp_view_str (path); left.len;)
    {
      size_t end = 1;
      if (left.data[0] != '$')
        {
          sp_buf_byte (&out, left.data[0]);
          left = sp_view_from (left, 1);
          continue;
        }
      bool braces = left.len > 1 && left.data[1] == '{';
      size_t start = braces ? 2 : 1;
      for (end = start; end < left.len && is_word (left.data[end]);)
        end++;
      struct sp_view name = sp_view_n (left.data + start, end - start);
      if (sp_view_is (name, "UID"))
        sp_buf_printf (&out, "%u", uid);
      else if (name.len)
        sp_buf_str (&out, value_of (name));
      left = sp_view_from (left, end + (braces && end < left.len && left.data[end] == '}'));
    }
  return sp_buf_steal (&out, err);
}

/* In place of *slot: expanded, with all links resolved where it is there. */
static int
settle (char **slot, unsigned uid, sigpolicy_error **err)
{
  if (!*slot)
    return 0;
  cleanup_free char *path = expand (*slot, uid, err);
  if (!path)
    return sigpolicy_error_code (*err);
  char *real = realpath (path, NULL);
  if (!real && errno == ENOMEM)
    return sp_error_no_memory (err);
  if (!real && !(real = sp_fs_clean (path, err)))
    return sigpolicy_error_code (*err);
  free (*slot);
  *slot = real;
  return 0;
}

/* A text for a member that has none yet; NULL is passed on as the failure it is. */
static int
fill (char **slot, char *text, sigpolicy_error **err)
{
  if (!text)
    return sigpolicy_error_code (*err);
  if (*slot && **slot)
    free (text);
  else
    {
      free (*slot);
      *slot = text;
    }
  return 0;
}

/* --- which file ------------------------------------------------------------------------------- */

/* The first that is there; one that is named must be. NULL: there is none. */
static int
choose_system (char **ret, sigpolicy_error **err)
{
  const char *named = said (secure_getenv ("CONTAINERS_STORAGE_CONF"));
  const char *config = said (secure_getenv ("XDG_CONFIG_HOME"));
  cleanup_free char *own = config ? sp_asprintf (err, "%s/containers/storage.conf", config) : NULL;
  if (config && !own)
    return SIGPOLICY_E_NO_MEMORY;
  const char *candidates[] = { own, SYSTEM_CONF, SHIPPED_CONF };
  bool found = false;

  *ret = NULL;
  if (named)
    return (*ret = sp_strdup (named, err)) ? 0 : SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
    {
      int rc = candidates[i] ? sp_fs_exists (candidates[i], &found, err) : 0;
      if (rc < 0)
        return rc;
      if (candidates[i] && found)
        return (*ret = sp_strdup (candidates[i], err)) ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

/* The file of a user who is not root. */
static int
choose_own (const struct sp_store_setup *setup, char **ret, sigpolicy_error **err)
{
  const char *named = said (secure_getenv ("CONTAINERS_STORAGE_CONF"));
  const char *config = said (secure_getenv ("XDG_CONFIG_HOME"));
  bool found = false;
  cleanup_free char *path = named    ? sp_strdup (named, err)
                            : config ? sp_asprintf (err, "%s/containers/storage.conf", config)
                                     : sp_asprintf (err, "%s/.config/containers/storage.conf",
                                                    setup->home ? setup->home : "");
  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_fs_exists (path, &found, err);
  *ret = rc == 0 && found ? steal (&path) : NULL;
  return rc;
}

/* --- drivers ---------------------------------------------------------------------------------- */

/* podman calls it by its newer name. */
static int
rename_driver (char **driver, sigpolicy_error **err)
{
  if (!*driver || strcmp (*driver, "overlay2") != 0)
    return 0;
  free (*driver);
  return (*driver = sp_strdup ("overlay", err)) ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/*
 * Nobody says which driver: the one that has left its directory in the store. vfs is not taken so,
 * but counts when there are several; without any it is overlay. A user who is not root has what
 * DRIVER-images says.
 */
static int
guess_driver (const char *root, bool is_root, char **ret, sigpolicy_error **err)
{
  const char *prior = NULL;
  size_t n_prior = 0;

  for (size_t i = 0; i < sp_n_store_drivers; i++)
    {
      cleanup_free char *path
          = sp_asprintf (err, "%s/%s%s", root, sp_store_drivers[i], is_root ? "" : "-images");
      bool found = false;
      int rc = path ? sp_fs_exists (path, &found, err) : SIGPOLICY_E_NO_MEMORY;
      if (rc < 0)
        return rc;
      n_prior += found;
      if (found && !prior && (!is_root || strcmp (sp_store_drivers[i], "vfs") != 0))
        prior = sp_store_drivers[i];
    }
  if (is_root && prior && n_prior > 1)
    {
      (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                          "the storage '%s' has images of several drivers, and none is chosen",
                          root);
      return sp_error_hint (err,
                            "say which: 'driver' in storage.conf, STORAGE_DRIVER, or "
                            "[DRIVER@%s]",
                            root);
    }
  *ret = sp_strdup (prior ? prior : "overlay", err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* --- additional stores ------------------------------------------------------------------------ */

/* "vfs.imagestore=/srv/images" among the options of the driver. */
static int
take_image_store (struct sp_view key, struct sp_view value, void *data, sigpolicy_error **err)
{
  bool is_store = sp_view_equal_folded (key, sp_view_str ("imagestore"))
                  || sp_view_equal_folded (key, sp_view_str ("additionalimagestore"));
  return is_store && value.len ? sp_strv_add (data, value, err) : 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* What the files and the environment say, for a user of either kind. */
static int
find_configured (const struct sp_store_setup *setup, struct sp_store_conf *conf, char **ret_file,
                 sigpolicy_error **err)
{
  const char *data = said (secure_getenv ("XDG_DATA_HOME")),
             *run = said (secure_getenv ("XDG_RUNTIME_DIR"));
  cleanup_free char *shared = NULL, *own = NULL;

  int rc = choose_system (&shared, err);
  if (rc == 0 && shared)
    rc = load (shared, conf, err);
  if (rc == 0 && setup->euid)
    rc = choose_own (setup, &own, err);
  if (rc < 0)
    return rc;
  if (!setup->euid)
    {
      *ret_file = steal (&shared);
      rc = fill (&conf->graph_root, sp_strdup (SYSTEM_ROOT, err), err);
      return rc < 0 ? rc : fill (&conf->run_root, sp_strdup (SYSTEM_RUN, err), err);
    }

  /* Of the system's file not even the roots are for others. */
  cleanup_free char *path = steal (&conf->rootless_path), *driver = steal (&conf->driver);
  sp_store_conf_clear (conf);
  *conf = (struct sp_store_conf){ 0 };
  if (own)
    rc = load (own, conf, err);
  else
    conf->driver = steal (&driver);
  const char *chosen = conf->rootless_path ? conf->rootless_path : path;
  if (rc == 0)
    rc = fill (&conf->graph_root,
               chosen ? sp_strdup (chosen, err)
               : data ? sp_asprintf (err, "%s/containers/storage", data)
                      : sp_asprintf (err, "%s/.local/share/containers/storage",
                                     setup->home ? setup->home : ""),
               err);
  if (rc == 0)
    rc = fill (&conf->run_root,
               run ? sp_asprintf (err, "%s/containers", run)
                   : sp_asprintf (err, "/run/user/%u/containers", setup->euid),
               err);
  if (rc == 0)
    *ret_file = own ? steal (&own) : steal (&shared);
  return rc;
}

/* The store of the configuration. */
static int
use_configured (const struct sp_store_setup *setup, struct sp_store_location *location,
                sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_conf_clear) struct sp_store_conf conf = { 0 };
  const char *options = secure_getenv ("STORAGE_OPTS"),
             *driver = said (secure_getenv ("STORAGE_DRIVER"));
  struct sp_store_name *name = &location->name;

  int rc = find_configured (setup, &conf, &location->file, err);
  if (rc == 0)
    rc = settle (&conf.graph_root, setup->euid, err);
  if (rc == 0)
    rc = settle (&conf.run_root, setup->euid, err);
  if (rc < 0)
    return rc;
  name->graph_root = steal (&conf.graph_root);
  name->run_root = steal (&conf.run_root);
  location->transient = conf.transient;
  name->driver = driver                        ? sp_strdup (driver, err)
                 : conf.driver && *conf.driver ? steal (&conf.driver)
                                               : NULL;
  if (driver && !name->driver)
    return SIGPOLICY_E_NO_MEMORY;
  if (!name->driver)
    rc = guess_driver (name->graph_root, !setup->euid, &name->driver, err);
  if (rc == 0)
    rc = rename_driver (&name->driver, err);
  /* With a directory of images of its own, the root is one more that has some. */
  if (rc == 0 && conf.image_store && *conf.image_store)
    rc = sp_strv_add (&location->roots, sp_view_str (conf.image_store), err);
  if (rc == 0)
    rc = sp_strv_add (&location->roots, sp_view_str (name->graph_root), err);
  for (size_t i = 0; rc == 0 && !options && i < conf.additional.len; i++)
    rc = sp_strv_add (&location->roots, sp_view_str (conf.additional.items[i]), err);
  if (rc < 0 || !options)
    return rc;
  rc = sp_store_options_walk (options, name->driver, take_image_store, &location->roots, err);
  return rc == SIGPOLICY_E_USAGE
             ? sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR)
             : rc;
}

/* The graph root where a name says the run root alone: that of the configuration. */
static int
use_default_root (const struct sp_store_setup *setup, struct sp_store_location *location,
                  sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_conf_clear) struct sp_store_conf conf = { 0 };
  int rc = find_configured (setup, &conf, &location->file, err);
  if (rc == 0)
    rc = settle (&conf.graph_root, setup->euid, err);
  if (rc == 0)
    location->name.graph_root = steal (&conf.graph_root);
  return rc;
}

/* The store that a name says. */
static int
use_named (const struct sp_store_name *named, const struct sp_store_setup *setup,
           struct sp_store_location *location, sigpolicy_error **err)
{
  struct sp_store_name *name = &location->name;

  if (!named->graph_root && use_default_root (setup, location, err) < 0)
    return sigpolicy_error_code (*err);
  if (named->graph_root && !(name->graph_root = sp_strdup (named->graph_root, err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (named->run_root && !(name->run_root = sp_strdup (named->run_root, err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (named->options && !(name->options = sp_strdup (named->options, err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (named->driver && !(name->driver = sp_strdup (named->driver, err)))
    return SIGPOLICY_E_NO_MEMORY;
  int rc = name->driver ? 0 : guess_driver (name->graph_root, !setup->euid, &name->driver, err);
  if (rc == 0)
    rc = rename_driver (&name->driver, err);
  if (rc == 0)
    rc = sp_strv_add (&location->roots, sp_view_str (name->graph_root), err);
  if (rc == 0 && name->options)
    rc = sp_store_options_walk (name->options, name->driver, take_image_store, &location->roots,
                                err);
  return rc;
}

int
sp_store_find (const struct sp_store_name *named, const struct sp_store_setup *setup,
               struct sp_store_location *ret, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_location_clear) struct sp_store_location location = { 0 };

  int rc = named && (named->graph_root || named->run_root)
               ? use_named (named, setup, &location, err)
               : use_configured (setup, &location, err);
  if (rc < 0)
    return rc;
  if (!sp_store_driver_is_known (location.name.driver))
    {
      bool said_here = named && named->driver;
      return sp_error_set (err, said_here ? SIGPOLICY_E_USAGE : SIGPOLICY_E_CONFIG,
                           said_here ? SIGPOLICY_REASON_USAGE : SIGPOLICY_REASON_CONFIG_ERROR,
                           "\"%s\" is no storage driver", location.name.driver);
    }
  if (location.roots.len > SP_STORE_ROOTS_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "more than %lu stores of images", SP_STORE_ROOTS_MAX);
  for (size_t i = 0; i < location.roots.len; i++)
    if (location.roots.items[i][0] != '/')
      return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                           "the path of the store \"%s\" is not absolute", location.roots.items[i]);
  *ret = location;
  location = (struct sp_store_location){ 0 };
  return 0;
}
