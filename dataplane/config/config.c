/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <grp.h>

#include "config/parts.h"
#include "crypto/engine.h"

READ(read_group)
{
	struct config *config = into;
	const char *text = config_scalar(node);
	const struct group *group = text ? getgrnam(text) : NULL;

	if (!group)
		config_refuse(reader, key, node);
	else
		config->group = group->gr_gid;
}

/* Which engines there are is known where they are; whether it runs here, at start. */
READ(read_engine)
{
	struct config *config = into;
	const char *text = config_scalar(node);

	if (!text || !crypto_engine_find(text))
		config_refuse(reader, key, node);
	else
		config_text(node, config->engine, sizeof(config->engine));
}

static const struct config_key file_keys[] = {
    {"media_socket", CONFIG_OPTIONAL, "an absolute path of at most 107 characters",
     CONFIG_FIELD(config_read_path, config, media_socket)},
    {"group", CONFIG_OPTIONAL, "a group of this host", .read = read_group},
    {"workers", CONFIG_OPTIONAL, "auto, or a mapping of count, cores, idle",
     .read = config_read_workers},
    {"max_sessions", CONFIG_OPTIONAL, "1 to 1000000",
     CONFIG_FIELD(config_read_number, config, max_sessions), .least = 1,
     .most = CONFIG_SESSIONS_MAX},
    {"engine", CONFIG_OPTIONAL, "ipsec_mb or libsrtp", .read = read_engine},
    {"capture", CONFIG_OPTIONAL, "a mapping of directory, file_mib, total_mib, time_s, allow",
     .read = config_read_capture},
    {"interfaces", CONFIG_REQUIRED, "a list of 1 to 16 interfaces", .read = config_read_interfaces},
    {0},
};

int config_load(struct config *config, const char *path, FILE *errors)
{
	struct config_reader reader;
	int rc;

	*config = (struct config){
	    .media_socket = SLUICE_MEDIA_SOCKET,
	    .group = (gid_t)-1,
	    .workers = 1,
	    .max_sessions = 10000,
	    .engine = "ipsec_mb",
	    .capture = {
		.file_mib = 64, .total_mib = 1024, .time_s = 600, .allow = SLUICE_CAPTURE_WIRE}};
	rc = config_reader_open(&reader, path, errors);
	if (rc)
		return rc;
	config_mapping(&reader, config_root(&reader), "configuration", file_keys, config);
	rc = reader.error_count ? -EINVAL : 0;
	config_reader_close(&reader);
	return rc;
}
