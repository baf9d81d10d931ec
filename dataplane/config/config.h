/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of the data plane: YAML, read once at the start. Read with libyaml's document
 * tree under our own schema tables, because every error is to carry the line of the value that is
 * wrong, and all errors are to be reported at once.
 *
 * Thread: the main thread, before the workers start; constant after that.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "net/port.h"
#include "sluice_media.h"

#define CONFIG_PATH "/etc/sluice/dataplane.yaml"
#define CONFIG_INTERFACES_MAX 16U
#define CONFIG_WORKERS_MAX 16U
#define CONFIG_SESSIONS_MAX 1000000U
#define CONFIG_CAPTURE_MIB_MAX (1024U * 1024U)
#define CONFIG_CAPTURE_S_MAX 86400U

enum config_idle { CONFIG_IDLE_SLEEP, CONFIG_IDLE_POLL, CONFIG_IDLE_BACK_OFF };
enum config_fallback { CONFIG_FALLBACK_REFUSE, CONFIG_FALLBACK_AF_PACKET };

#define CONFIG_DSCP_DEFAULT 46U         /* expedited forwarding (RFC 3246) */
#define CONFIG_VLAN_PRIORITY_DEFAULT 5U /* voice (IEEE 802.1Q-2018, I.5) */

struct config_interface {
	char name[SLUICE_NAME_MAX];
	char device[SLUICE_NAME_MAX];
	enum port_kind kind;
	enum config_fallback fallback;
	struct port_memif memif; /* kind memif */
	struct port_pci pci;     /* kind pci */
	unsigned address_count;
	struct port_address address[PORT_ADDRESSES_MAX];
	uint16_t media_port_first; /* even */
	uint16_t media_port_last;  /* odd */
	uint8_t dscp;              /* of the media sent there, where nobody says another */
	uint8_t vlan_priority;     /* 0..7, in the tags that are sent */
	uint16_t vlan;             /* 1..VLAN_ID_MAX; 0: untagged */
};

/* Packet captures. */
struct config_capture {
	char directory[256]; /* absolute; empty: none are made */
	uint32_t file_mib;
	uint32_t total_mib; /* of all files in the directory */
	uint32_t time_s;
	uint8_t allow; /* enum sluice_capture_mode: the most that may be asked for */
};

struct config {
	char media_socket[108]; /* as sockaddr_un has it */
	gid_t group;            /* (gid_t)-1: none */
	unsigned workers;       /* 1..CONFIG_WORKERS_MAX; 0: as many as there are good cores */
	unsigned core_count;    /* 0: auto; else one a worker */
	unsigned cores[CONFIG_WORKERS_MAX];
	enum config_idle idle;
	uint32_t max_sessions;
	char engine[32];
	struct config_capture capture;
	unsigned interface_count;
	struct config_interface interface[CONFIG_INTERFACES_MAX];
};

/*
 * Reads the file at path. Errors go to errors, one a line, "path:line: what is wrong; what is
 * allowed". Returns 0, -EINVAL (errors were written), or -errno when the file cannot be read (also
 * written).
 */
int config_load(struct config *config, const char *path, FILE *errors);
