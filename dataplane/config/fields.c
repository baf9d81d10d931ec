/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of plain values: where one goes, and what it may be, the table of keys says. */
#include <assert.h>

#include "config/parts.h"

static char *text_field(const struct config_key *key, void *into)
{
	return (char *)into + key->offset;
}

/* Of a field of 1, 2 or 4 bytes, that most fits. */
static void number_put(const struct config_key *key, void *into, unsigned long value)
{
	void *field = (char *)into + key->offset;

	switch (key->size) {
	case sizeof(uint8_t):
		*(uint8_t *)field = (uint8_t)value;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)field = (uint16_t)value;
		break;
	default:
		assert(key->size == sizeof(uint32_t));
		*(uint32_t *)field = (uint32_t)value;
	}
}

READER(config_read_text)
{
	if (!config_text(node, text_field(key, into), key->size))
		config_refuse(reader, key, node);
}

READER(config_read_path)
{
	const char *text = config_scalar(node);

	if (!text || text[0] != '/' || !config_text(node, text_field(key, into), key->size))
		config_refuse(reader, key, node);
}

READER(config_read_number)
{
	unsigned long value;

	if (config_number(node, key->least, key->most, &value))
		number_put(key, into, value);
	else
		config_refuse(reader, key, node);
}

READER(config_read_word)
{
	int word = config_word(node, key->words);

	if (word >= 0)
		number_put(key, into, key->least + (unsigned long)word);
	else
		config_refuse(reader, key, node);
}
