/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any stream, whole and byte by byte: both must be cut alike, and no verdict may look beyond its
 * bytes. */
#include <stdlib.h>
#include <string.h>

#include "sip/framer.h"
#include "sip/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next verdict when step more bytes come each time; what to consume in *length. */
static enum sip_frame_verdict next(const char *data, size_t size, size_t step, size_t *length)
{
	enum sip_frame_verdict verdict = SIP_FRAME_MORE;
	size_t scanned = 0, available = 0;
	const char *error;

	while (verdict == SIP_FRAME_MORE && available < size) {
		available = size - available < step ? size : available + step;
		verdict = sip_framer_next(data, available, &scanned, length, &error);
		if (*length > available || (verdict == SIP_FRAME_ERROR) != (error != NULL))
			abort();
	}
	return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t whole = 0, piecemeal = 0;
	enum sip_frame_verdict a, b;

	while (size > 0) {
		a = next(text, size, size, &whole);
		b = next(text, size, 1, &piecemeal);
		/* a ping in two pieces is two pongs; an error may be seen before or after more
		 * bytes */
		if (a == SIP_FRAME_MESSAGE && (b != a || whole != piecemeal))
			abort();
		if (a == SIP_FRAME_ERROR || a == SIP_FRAME_MORE)
			return 0;
		if (whole == 0 || piecemeal == 0)
			abort();
		text += whole;
		size -= whole;
	}
	return 0;
}
