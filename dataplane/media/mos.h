/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Estimated listening and conversational quality by the E-model, ITU-T G.107 (06/2015): R = 93.2
 * (all of its defaults) - Idd - Ie,eff, and MOS-CQE from R (G.107 annex B). Idd is the delay
 * impairment of clause 7.4 with perfect echo control (Idte = Idle = 0); Ie,eff the equipment
 * impairment of clause 7.5 under random loss (BurstR = 1), with Ie and Bpl of ITU-T G.113 (11/2007)
 * appendix I.
 *
 * Thread: any. No state.
 */
#pragma once

#include <stdint.h>

/* The numbers are those of enum sluice_codec. */
enum rtp_codec {
	RTP_CODEC_UNKNOWN,
	RTP_CODEC_G711,
	RTP_CODEC_G722,
	RTP_CODEC_G723,
	RTP_CODEC_G726,
	RTP_CODEC_G729,
	RTP_CODEC_GSM,
	RTP_CODEC_GSM_EFR,
	RTP_CODEC_ILBC,
	RTP_CODEC_AMR,
	RTP_CODEC_AMR_WB,
	RTP_CODEC_OPUS,
	RTP_CODEC_EVENT, /* telephone-event: no speech */
	RTP_CODEC_NOISE, /* comfort noise: no speech */
	RTP_CODEC_COUNT
};

struct mos_path {
	enum rtp_codec codec;
	uint64_t received; /* packets */
	uint64_t lost;
	uint32_t delay_us;  /* one way through the network, both legs; 0 where unknown */
	uint32_t jitter_us; /* the listener's buffer is taken to be twice this */
};

/* The transmission rating factor R, 0 to 93.2. */
double mos_rating(const struct mos_path *path);

/* MOS of a rating, times 100: 100 to 450. */
unsigned mos_x100(double rating);
