/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the configuration file: each has a file of its own here, which has the table of its
 * keys and reads it into its struct of config.h. Thread: the main thread, at the start.
 */
#pragma once

#include "config/config.h"
#include "config/reader.h"

/* A reader of one key (struct config_key). It reports what is wrong and leaves the field as it was.
 */
#define READER(function)                                                          \
	void function(struct config_reader *reader, const struct config_key *key, \
		      const yaml_node_t *node, void *into)
#define READ(function) static READER(function)

/* Readers of plain values, for tables with CONFIG_FIELD(): as much text as fits, without blanks; an
 * absolute path; a number from least to most; one of words, by its place. */
READER(config_read_text);
READER(config_read_path);
READER(config_read_number);
READER(config_read_word);

READER(config_read_interfaces); /* into: struct config */
READER(config_read_memif);      /* into: struct config_interface */
READER(config_read_pci);        /* into: struct config_interface */
READER(config_read_workers);    /* into: struct config */
READER(config_read_capture);    /* into: struct config */

/* What shows when all of an interface is read; names the kernel's interface where nobody did. */
void config_check_pci(struct config_reader *reader, const yaml_node_t *node,
		      struct config_interface *interface);
