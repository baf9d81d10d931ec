/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codec profiles: lists that contradict each other are mistakes of the file. */
#include "policy/load.h"

static bool holds(const struct sdp_filter_codec *list, unsigned count,
		  const struct sdp_filter_codec *codec)
{
	for (unsigned i = 0; i < count; i++)
		if (sdp_filter_codec_equal(&list[i], codec))
			return true;
	return false;
}

static void check_profile(struct load *load, const struct config_codecs *codecs)
{
	const struct sdp_filter *filter = &codecs->filter;
	struct load_label label = load_label(load, &schema_codecs, codecs);

	for (unsigned i = 0; i < filter->deny_count; i++) {
		const struct sdp_filter_codec *codec = &filter->deny[i];

		if (holds(filter->allow, filter->allow_count, codec))
			load_error_at(load, &filter->deny,
				      "%sdeny: %s is in allow too; must be in one", label.text,
				      load_show(codec->name).text);
		if (holds(filter->order, filter->order_count, codec))
			load_error_at(load, &filter->order,
				      "%sorder: %s is in deny too; must be in one", label.text,
				      load_show(codec->name).text);
	}
}

void check_codecs(struct load *load)
{
	for (unsigned i = 0; i < load->config->codecs_count; i++)
		check_profile(load, &load->config->codecs[i]);
}
