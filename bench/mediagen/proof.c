/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define LINE 64U

int proof_open(struct proof *proof, struct phones *phones, uint32_t slots)
{
	uint32_t bytes = MARK_RTP_HEADER + phones->options->payload + SRTP_TRAILER_MAX;

	*proof = (struct proof){
	    .phones = phones, .slots = slots, .slot_size = (bytes + LINE - 1) / LINE * LINE};
	proof->memory = aligned_alloc(LINE, (size_t)slots * proof->slot_size);
	proof->entry = calloc(slots, sizeof(*proof->entry));
	if (proof->memory && proof->entry)
		return 0;
	proof_close(proof);
	return -ENOMEM;
}

void proof_close(struct proof *proof)
{
	free(proof->memory);
	free(proof->entry);
	*proof = (struct proof){0};
}

void proof_put(struct proof *proof, struct stream *stream, uint32_t number, const uint8_t *srtp,
	       uint32_t length)
{
	uint64_t slot = proof->put++ % proof->slots;

	proof->entry[slot] =
	    (struct proof_entry){.stream = stream, .number = number, .length = length};
	memcpy(proof->memory + slot * proof->slot_size, srtp, length);
}

bool proof_is_right(const struct options *options, const struct stream *stream, uint32_t number,
		    const uint8_t *rtp)
{
	struct mark mark;

	return mark_read(rtp + MARK_RTP_HEADER, options->payload, &mark) &&
	       mark.stream == stream->ssrc && mark.number == number;
}

struct proof_result proof_run(struct proof *proof)
{
	const struct options *options = proof->phones->options;
	struct proof_entry entries[WIRE_BURST];
	struct srtp_packet packets[WIRE_BURST];
	struct proof_result result = {0};

	for (; result.done < WIRE_BURST && proof->done < proof->put; result.done++) {
		uint64_t slot = proof->done++ % proof->slots;
		struct proof_entry *entry = &entries[result.done];

		*entry = proof->entry[slot];
		packets[result.done] =
		    (struct srtp_packet){.context = entry->stream->decrypt,
					 .data = proof->memory + slot * proof->slot_size,
					 .length = entry->length,
					 .capacity = proof->slot_size};
	}
	if (result.done)
		srtp_unprotect_burst(proof->phones->srtp, packets, result.done);
	for (unsigned i = 0; i < result.done; i++) {
		if (packets[i].drop != SLUICE_DROP_NONE ||
		    packets[i].length != MARK_RTP_HEADER + options->payload)
			result.forged++;
		else if (!proof_is_right(options, entries[i].stream, entries[i].number,
					 packets[i].data))
			result.wrong++;
	}
	return result;
}
