/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of codecs: "PCMA", "opus/48000/2". */
#include "policy/reader.h"
#include "sdp/filter.h"

static bool read_codec(struct reader *reader, const struct value *value, const yaml_node_t *node)
{
	unsigned *count = (unsigned *)((char *)value->item + value->key->count_offset);
	struct sdp_filter_codec *codecs = value->field;
	const char *text = text_of(node);

	if (!text || sdp_filter_codec_read(&codecs[*count], str_of(text)) < 0) {
		read_refuse_node(reader, value, node,
				 "must be a codec: NAME, NAME/RATE or NAME/RATE/CHANNELS, such as "
				 "PCMA or opus/48000/2");
		return false;
	}
	for (unsigned i = 0; i < *count; i++) {
		if (sdp_filter_codec_equal(&codecs[i], &codecs[*count])) {
			read_refuse_node(reader, value, node,
					 "is in the list twice; once is enough");
			return false;
		}
	}
	(*count)++;
	return true;
}

void read_codecs(struct reader *reader, const struct value *value)
{
	const yaml_node_t *node = value->node;
	size_t count = 0;
	bool good = true;

	if (node->type == YAML_SEQUENCE_NODE)
		count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (count == 0 || count > value->key->max) {
		read_refuse(reader, value, "must be a list of 1 to 16 codecs");
		return;
	}
	for (size_t i = 0; i < count; i++)
		good &= read_codec(
		    reader, value,
		    yaml_document_get_node(&reader->document, node->data.sequence.items.start[i]));
	load_place(reader->load, value->field, value->line, good ? LOAD_GIVEN : LOAD_BAD);
}
