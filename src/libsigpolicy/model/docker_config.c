/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"

/* The configuration of an image in Docker's format, as a docker archive has it: all that Docker and
 * podman read of it. */

static const struct sp_manifest_field health[] = {
  { "Test", SP_MANIFEST_TEXTS, NULL },
  { "StartPeriod", SP_MANIFEST_INTEGER, NULL },
  { "StartInterval", SP_MANIFEST_INTEGER, NULL },
  { "Interval", SP_MANIFEST_INTEGER, NULL },
  { "Timeout", SP_MANIFEST_INTEGER, NULL },
  { "Retries", SP_MANIFEST_INTEGER, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field container[] = {
  { "Hostname", SP_MANIFEST_TEXT, NULL },
  { "Domainname", SP_MANIFEST_TEXT, NULL },
  { "User", SP_MANIFEST_TEXT, NULL },
  { "AttachStdin", SP_MANIFEST_BOOLEAN, NULL },
  { "AttachStdout", SP_MANIFEST_BOOLEAN, NULL },
  { "AttachStderr", SP_MANIFEST_BOOLEAN, NULL },
  { "ExposedPorts", SP_MANIFEST_OBJECT_MAP, NULL },
  { "Tty", SP_MANIFEST_BOOLEAN, NULL },
  { "OpenStdin", SP_MANIFEST_BOOLEAN, NULL },
  { "StdinOnce", SP_MANIFEST_BOOLEAN, NULL },
  { "Env", SP_MANIFEST_TEXTS, NULL },
  { "Cmd", SP_MANIFEST_WORDS, NULL },
  { "Healthcheck", SP_MANIFEST_OBJECT, health },
  { "ArgsEscaped", SP_MANIFEST_BOOLEAN, NULL },
  { "Image", SP_MANIFEST_TEXT, NULL },
  { "Volumes", SP_MANIFEST_OBJECT_MAP, NULL },
  { "WorkingDir", SP_MANIFEST_TEXT, NULL },
  { "Entrypoint", SP_MANIFEST_WORDS, NULL },
  { "NetworkDisabled", SP_MANIFEST_BOOLEAN, NULL },
  { "MacAddress", SP_MANIFEST_TEXT, NULL },
  { "OnBuild", SP_MANIFEST_TEXTS, NULL },
  { "Labels", SP_MANIFEST_TEXT_MAP, NULL },
  { "StopSignal", SP_MANIFEST_TEXT, NULL },
  { "StopTimeout", SP_MANIFEST_INTEGER, NULL },
  { "Shell", SP_MANIFEST_WORDS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field rootfs[] = {
  { "type", SP_MANIFEST_TEXT, NULL },
  { "diff_ids", SP_MANIFEST_TEXTS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field history[] = {
  { "created", SP_MANIFEST_TIME, NULL },        { "author", SP_MANIFEST_TEXT, NULL },
  { "created_by", SP_MANIFEST_TEXT, NULL },     { "comment", SP_MANIFEST_TEXT, NULL },
  { "empty_layer", SP_MANIFEST_BOOLEAN, NULL }, { NULL, SP_MANIFEST_TEXT, NULL },
};

const struct sp_manifest_field sp_manifest_docker_config[] = {
  { "id", SP_MANIFEST_TEXT, NULL },
  { "parent", SP_MANIFEST_TEXT, NULL },
  { "comment", SP_MANIFEST_TEXT, NULL },
  { "created", SP_MANIFEST_TIME, NULL },
  { "container", SP_MANIFEST_TEXT, NULL },
  { "container_config", SP_MANIFEST_OBJECT, container },
  { "docker_version", SP_MANIFEST_TEXT, NULL },
  { "author", SP_MANIFEST_TEXT, NULL },
  { "config", SP_MANIFEST_OBJECT, container },
  { "architecture", SP_MANIFEST_TEXT, NULL },
  { "variant", SP_MANIFEST_TEXT, NULL },
  { "os", SP_MANIFEST_TEXT, NULL },
  { "Size", SP_MANIFEST_INTEGER, NULL },
  { "rootfs", SP_MANIFEST_OBJECT, rootfs },
  { "history", SP_MANIFEST_OBJECTS, history },
  { "os.version", SP_MANIFEST_TEXT, NULL },
  { "os.features", SP_MANIFEST_TEXTS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};
