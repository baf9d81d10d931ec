/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the rings into the files. Thread: the writer's own, but for writer_begin(). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "capture/captures_private.h"
#include "capture/frame.h"
#include "sluice_client.h"

#define TURN_MS 10L

/* The two clocks at one moment: TSC of packets becomes time of day, which may be slewed. */
struct moment {
	uint64_t tsc;
	uint64_t ns;
};

uint64_t capture_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static uint64_t record_ns(const struct captures *captures, const struct capture_record *record,
			  const struct moment *now)
{
	/* a packet that came after the moment was taken counts as its */
	uint64_t ago = now->tsc > record->tsc ? now->tsc - record->tsc : 0;

	return now->ns - (uint64_t)((unsigned __int128)ago * 1000000000 / captures->config.tsc_hz);
}

/* ---- a file ---- */

static void bytes_set(struct capture *capture)
{
	__atomic_store_n(&capture->bytes, capture->offset + capture->buffer.used, __ATOMIC_RELAXED);
}

/* A disk that is full leaves the file with whole blocks only: what was written in part goes. */
static int capture_flush(struct capture *capture)
{
	size_t done = 0;

	while (done < capture->buffer.used) {
		ssize_t bytes =
		    write(capture->fd, capture->buffer.bytes + done, capture->buffer.used - done);

		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes <= 0)
			break;
		done += (size_t)bytes;
	}
	if (done < capture->buffer.used) {
		int rc = errno ? -errno : -EIO;

		__atomic_store_n(&capture->failure, (uint8_t)CAPTURE_DISK, __ATOMIC_RELAXED);
		if (ftruncate(capture->fd, (off_t)capture->offset) == 0)
			lseek(capture->fd, (off_t)capture->offset, SEEK_SET);
		capture->buffer.used = 0;
		bytes_set(capture);
		return rc;
	}
	capture->offset += done;
	capture->buffer.used = 0;
	bytes_set(capture);
	return 0;
}

int writer_begin(struct capture *capture, const struct capture_order *order)
{
	char text[PCAPNG_TEXT_MAX + 1];

	snprintf(text, sizeof(text), "sluice call %s, %s", order->call,
		 capture->mode == SLUICE_CAPTURE_DECRYPTED ? "decrypted" : "as on the wire");
	pcapng_section(&capture->buffer, "sluice-dataplane " SLUICE_VERSION, text);
	for (unsigned leg = 0; leg < 2; leg++) {
		snprintf(text, sizeof(text), "call %s, leg %c: %s", order->call, 'A' + (int)leg,
			 order->leg[leg]);
		pcapng_interface(&capture->buffer, CAPTURE_SNAPLEN, leg ? "leg B" : "leg A", text);
	}
	capture->begin_ns = capture_clock_ns();
	return capture_flush(capture);
}

/* True when the packet may still go into the file. */
static bool room_make(struct capture *capture)
{
	size_t most = CAPTURE_SNAPLEN + 2 * PCAPNG_TEXT_MAX;

	if (__atomic_load_n(&capture->failure, __ATOMIC_RELAXED) != CAPTURE_WELL)
		return false;
	if (capture->offset + capture->buffer.used + most + CAPTURE_TAIL_BYTES >
	    capture->limit_bytes) {
		__atomic_store_n(&capture->failure, (uint8_t)CAPTURE_FULL, __ATOMIC_RELAXED);
		return false;
	}
	return capture->buffer.size - capture->buffer.used >= most || capture_flush(capture) == 0;
}

static void record_write(struct captures *captures, const struct capture_record *record,
			 const struct moment *now)
{
	struct capture *capture = &captures->capture[capture_number(record->tag)];
	const char *names[] = {"received", "sent"};
	char comment[96];
	struct pcapng_packet packet = {
	    .interface = record->leg,
	    .direction = record->way == CAPTURE_RECEIVED ? PCAPNG_INBOUND : PCAPNG_OUTBOUND,
	    .time_ns = record_ns(captures, record, now),
	    .bytes = record->bytes,
	    .captured = record->captured,
	    .length = record->length,
	};

	if (!room_make(capture))
		return;
	if (record->drop) {
		snprintf(comment, sizeof(comment), "%s and dropped: %s", names[record->way],
			 sluice_drop_name(record->drop));
		packet.comment = comment;
	}
	if (record->tag & CAPTURE_CLEAR) {
		memcpy(captures->scratch, record->bytes, record->captured);
		frame_mend(captures->scratch, record->captured, record->length, record->payload_at);
		packet.bytes = captures->scratch;
	}
	pcapng_packet(&capture->buffer, &packet);
	capture->leg_packets[record->leg]++;
	__atomic_store_n(&capture->packets, capture->packets + 1, __ATOMIC_RELAXED);
}

/* The ring may be that of a worker which fills it as fast as it is read: one round is enough. */
static void ring_write(struct captures *captures, struct capture_ring *ring,
		       const struct moment *now)
{
	const struct capture_record *record;

	for (unsigned n = 0; n < CAPTURE_RING_SIZE && (record = capture_ring_first(ring)); n++) {
		if (record->tag != CAPTURE_NONE)
			record_write(captures, record, now);
		capture_ring_drop(ring);
	}
}

/* Counters at the end; both interfaces share the losses, as the ring does not tell legs apart. */
static void capture_complete(struct captures *captures, unsigned number)
{
	static const char *const whys[] = {NULL, "ended: the file is as large as it may be",
					   "ended: the disk was full or failed"};
	struct capture *capture = &captures->capture[number];
	uint64_t lost =
	    __atomic_load_n(&captures->ring[capture->worker]->lost[number], __ATOMIC_RELAXED);

	for (unsigned leg = 0; leg < 2; leg++) {
		struct pcapng_statistics statistics = {
		    .interface = leg,
		    .begin_ns = capture->begin_ns,
		    .end_ns = capture_clock_ns(),
		    .received = capture->leg_packets[leg] + (leg ? 0 : lost),
		    .lost = leg ? 0 : lost,
		    .comment = whys[capture->failure],
		};

		pcapng_statistics(&capture->buffer, &statistics);
	}
	(void)capture_flush(capture);
	close(capture->fd);
}

/* ---- the thread ---- */

static void capture_closed(struct captures *captures, unsigned number)
{
	pthread_mutex_lock(&captures->lock);
	captures->running--;
	__atomic_store_n(&captures->phase[number], (uint8_t)CAPTURE_CLOSED, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&captures->lock);
}

/*
 * Which captures are closing is looked at before the rings are emptied: what their workers put
 * there before they let go is then in the file.
 */
void captures_write(struct captures *captures)
{
	struct moment now = {.tsc = rte_rdtsc(), .ns = capture_clock_ns()};
	uint8_t phase[CAPTURES_MAX];

	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		phase[i] = __atomic_load_n(&captures->phase[i], __ATOMIC_ACQUIRE);
	for (unsigned i = 0; i < CAPTURE_WORKERS_MAX; i++) {
		struct capture_ring *ring = __atomic_load_n(&captures->ring[i], __ATOMIC_ACQUIRE);

		if (ring)
			ring_write(captures, ring, &now);
	}
	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		struct capture *capture = &captures->capture[i];

		if (phase[i] == CAPTURE_RUNNING && capture->buffer.used)
			(void)capture_flush(capture);
		if (phase[i] != CAPTURE_CLOSING)
			continue;
		capture_complete(captures, i);
		capture_closed(captures, i);
	}
}

/* Sleeps while nothing is captured; false when it is to end. */
static bool writer_wait(struct captures *captures)
{
	struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};
	bool stop;

	nanosleep(&turn, NULL);
	pthread_mutex_lock(&captures->lock);
	while (!captures->stop && !captures->running)
		pthread_cond_wait(&captures->wake, &captures->lock);
	stop = captures->stop;
	pthread_mutex_unlock(&captures->lock);
	return !stop;
}

static void *writer_main(void *argument)
{
	struct captures *captures = argument;

	while (writer_wait(captures))
		captures_write(captures);
	return NULL;
}

int writer_start(struct captures *captures)
{
	int rc = pthread_create(&captures->thread, NULL, writer_main, captures);

	captures->started = rc == 0;
	if (!rc)
		pthread_setname_np(captures->thread, "sluice-capture");
	return -rc;
}

void writer_stop(struct captures *captures)
{
	if (!captures->started)
		return;
	pthread_mutex_lock(&captures->lock);
	captures->stop = true;
	pthread_cond_signal(&captures->wake);
	pthread_mutex_unlock(&captures->lock);
	pthread_join(captures->thread, NULL);
	captures->started = false;
}
