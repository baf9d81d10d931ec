/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/mos.h"

#include <math.h>

#define RATING_DEFAULT 93.2 /* G.107 table 3: all parameters at their defaults */
#define IE_MAX 95.0         /* G.107 7.5 */

struct codec_facts {
	double ie;       /* equipment impairment without loss */
	double bpl;      /* packet-loss robustness */
	double delay_ms; /* a packet of usual length, and the codec's look-ahead */
};

/*
 * G.113 (11/2007) appendix I has Ie and Bpl of: G.711 0, 25.1 with the concealment of G.711's
 * appendix I (4.3 without); G.723.1 at 6.3 kbit/s with VAD 15, 16.1; G.729A with VAD 11, 19.0;
 * GSM-EFR 5, 10.0. It has Ie alone of G.726 at 32 kbit/s, 7, and GSM-FR, 20. What it does not have
 * is taken from its nearest kin: the loss robustness of GSM-EFR; AMR at 12.2 kbit/s is GSM-EFR;
 * iLBC as G.729A; wideband codecs, which this scale cannot tell from narrowband, as G.711 with
 * concealment; and so is what is not known.
 */
static const struct codec_facts codecs[RTP_CODEC_COUNT] = {
    [RTP_CODEC_UNKNOWN] = {0, 25.1, 20}, [RTP_CODEC_G711] = {0, 25.1, 20},
    [RTP_CODEC_G722] = {0, 25.1, 20},    [RTP_CODEC_G723] = {15, 16.1, 37.5},
    [RTP_CODEC_G726] = {7, 10.0, 20},    [RTP_CODEC_G729] = {11, 19.0, 25},
    [RTP_CODEC_GSM] = {20, 10.0, 20},    [RTP_CODEC_GSM_EFR] = {5, 10.0, 20},
    [RTP_CODEC_ILBC] = {11, 19.0, 30},   [RTP_CODEC_AMR] = {5, 10.0, 25},
    [RTP_CODEC_AMR_WB] = {0, 25.1, 25},  [RTP_CODEC_OPUS] = {0, 25.1, 26.5},
    [RTP_CODEC_EVENT] = {0, 25.1, 20},   [RTP_CODEC_NOISE] = {0, 25.1, 20},
};

/* G.107 (7-27), (7-28): nothing up to 100 ms. */
static double delay_impairment(double delay_ms)
{
	double x;

	if (delay_ms <= 100)
		return 0;
	x = log2(delay_ms / 100);
	return 25 * (pow(1 + pow(x, 6), 1.0 / 6) - 3 * pow(1 + pow(x / 3, 6), 1.0 / 6) + 2);
}

/* G.107 (7-29). */
static double equipment_impairment(const struct codec_facts *codec, double loss_percent)
{
	return codec->ie + (IE_MAX - codec->ie) * loss_percent / (loss_percent + codec->bpl);
}

static double loss_percent(const struct mos_path *path)
{
	double expected = (double)path->received + (double)path->lost;

	return expected > 0 ? 100 * (double)path->lost / expected : 0;
}

double mos_rating(const struct mos_path *path)
{
	const struct codec_facts *codec =
	    &codecs[path->codec < RTP_CODEC_COUNT ? path->codec : RTP_CODEC_UNKNOWN];
	double delay_ms =
	    codec->delay_ms + path->delay_us / 1000.0 + 2 * (path->jitter_us / 1000.0);
	double rating = RATING_DEFAULT - delay_impairment(delay_ms) -
			equipment_impairment(codec, loss_percent(path));

	return rating > 0 ? rating : 0;
}

/* G.107 annex B. The cubic dips below 1 for the smallest ratings. */
unsigned mos_x100(double rating)
{
	double mos;

	if (rating <= 0)
		return 100;
	if (rating >= 100)
		return 450;
	mos = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
	return mos > 1 ? (unsigned)lround(100 * mos) : 100;
}
