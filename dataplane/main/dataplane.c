/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "main/dataplane_private.h"
#include "main/log.h"
#include "sluice_client.h"

#define TICK_MS 10
#define TICKS_IN_S (1000 / TICK_MS)

/* ---- what the loop brings ---- */

static void timer_ready(struct loop_source *source, uint32_t events)
{
	struct dataplane *dataplane = source->user;
	uint64_t ticks;

	(void)events;
	if (read(dataplane->timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	sessions_tick(dataplane->sessions);
	if (rte_rdtsc() - dataplane->sampled_tsc < rte_get_tsc_hz())
		return;
	workers_watch(dataplane);
	ports_watch(dataplane);
}

static void signal_ready(struct loop_source *source, uint32_t events)
{
	struct dataplane *dataplane = source->user;
	struct signalfd_siginfo info;

	(void)events;
	if (read(dataplane->signal_fd, &info, sizeof(info)) == sizeof(info))
		dataplane->loop.stop = true;
}

static void nexthop_ready(struct loop_source *source, uint32_t events)
{
	struct dataplane *dataplane = source->user;

	(void)events;
	(void)nexthop_process(dataplane->nexthops);
}

static void nexthop_changed(void *user)
{
	struct dataplane *dataplane = user;

	if (dataplane->sessions)
		sessions_paths_stale(dataplane->sessions);
}

static void session_event(void *user, const struct sluice_event *event)
{
	struct dataplane *dataplane = user;

	if (event->type == SLUICE_EVENT_AUTH_FAILURES)
		log_event(LOG_AUTH_FAILURES,
			  "session %016lx leg %u: %lu packets with a wrong authentication tag",
			  event->session, event->leg, event->value);
	if (event->type == SLUICE_EVENT_CAPTURE)
		log_event(LOG_CAPTURE, "session %016lx: %.*s, %lu packets", event->session,
			  (int)sizeof(event->text), event->text, event->value);
	if (dataplane->server)
		server_event(dataplane->server, event);
}

/* ---- parts of the start, in order ---- */

/* Keys must not reach the disk by a core dump, nor another process by ptrace. */
static int process_harden(struct dataplane *dataplane, char *text, size_t size)
{
	const struct rlimit none = {0, 0};

	(void)dataplane;
	if (setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0)
		return 0;
	snprintf(text, size, "core dumps cannot be forbidden: %s", strerror(errno));
	return -errno;
}

/* The NUMA node of the first port that says one. */
static int ports_node(const struct config *config)
{
	for (unsigned i = 0; i < config->interface_count; i++) {
		int node = host_device_node(config->interface[i].device);

		if (node >= 0)
			return node;
	}
	return CORES_NODE_ANY;
}

static int cores_start(struct dataplane *dataplane, char *text, size_t size)
{
	static struct host_cpu cpus[HOST_CPUS_MAX];
	int count = host_cpus_read(cpus, HOST_CPUS_MAX);
	int rc;

	if (count <= 0)
		return count ? count : -ENODEV;
	rc = cores_choose(&dataplane->cores, &dataplane->config, cpus, (size_t)count,
			  ports_node(&dataplane->config), text, size);
	dataplane->config.workers = dataplane->cores.count;
	dataplane->interfaces.worker_count = dataplane->cores.count;
	return rc;
}

/* The NICs that DPDK is to drive: they can write into hugepages alone. */
static int nics_plan(struct dataplane *dataplane, char *text, size_t size)
{
	const struct config *config = &dataplane->config;
	struct eal_plan *plan = &dataplane->eal;

	for (unsigned i = 0; i < config->interface_count; i++)
		if (config->interface[i].kind == PORT_PCI &&
		    port_pci_address(config->interface[i].device))
			plan->pci[plan->pci_count++] = config->interface[i].device;
	if (!plan->pci_count || plan->hugepages)
		return 0;
	snprintf(text, size,
		 "NIC %s needs %zu MiB of free hugepages: 'sysctl vm.nr_hugepages=%zu', or fewer "
		 "workers",
		 plan->pci[0], plan->memory_mib, plan->memory_mib / 2 + 1);
	return -ENOMEM;
}

static int memory_start(struct dataplane *dataplane, char *text, size_t size)
{
	int rc = cores_start(dataplane, text, size);

	if (rc)
		return rc;
	dataplane->eal.main = dataplane->cores.main;
	dataplane->eal.memory_mib = ports_memory_mib(&dataplane->config);
	dataplane->eal.hugepages = eal_hugepages_suffice(dataplane->eal.memory_mib);
	rc = nics_plan(dataplane, text, size);
	if (rc)
		return rc;
	rc = eal_start(&dataplane->eal, text, size);
	if (rc)
		return rc;
	dataplane->eal_started = true;
	log_event(LOG_MEMORY, "%zu MiB %s", dataplane->eal.memory_mib,
		  dataplane->eal.hugepages ? "of hugepages" : "without hugepages");
	return 0;
}

static int engine_start(struct dataplane *dataplane, char *text, size_t size)
{
	char features[23];
	int rc;

	rc = crypto_engine_choose(crypto_engines, dataplane->config.engine, &dataplane->crypto,
				  features, sizeof(features), text, size);
	if (rc)
		return rc;
	snprintf(dataplane->engine, sizeof(dataplane->engine), "%.8s %s", dataplane->crypto->name,
		 features);
	return 0;
}

static int nexthops_start(struct dataplane *dataplane, char *text, size_t size)
{
	int rc = nexthop_open(&dataplane->nexthops, nexthop_changed, dataplane);

	if (rc)
		snprintf(text, size, "the kernel's routes cannot be read: %s", strerror(-rc));
	return rc;
}

/* Few streams change their SSRC or have several: so many of a worker's may, and one of so many. */
#define SRTP_SPARES_LEAST 256U
#define SRTP_SPARES_OF_SESSIONS 16U

static enum worker_idle idle_of(enum config_idle idle)
{
	static const enum worker_idle policies[] = {[CONFIG_IDLE_SLEEP] = WORKER_IDLE_SLEEP,
						    [CONFIG_IDLE_POLL] = WORKER_IDLE_POLL,
						    [CONFIG_IDLE_BACK_OFF] = WORKER_IDLE_BACK_OFF};

	return policies[idle];
}

static int workers_make(struct dataplane *dataplane, char *text, size_t size)
{
	struct worker_config *config = calloc(1, sizeof(*config));
	int rc = config ? 0 : -ENOMEM;

	for (unsigned i = 0; !rc && i < dataplane->config.workers; i++) {
		interfaces_describe(&dataplane->interfaces, config);
		config->number = i;
		config->core = dataplane->cores.worker[i];
		config->idle = idle_of(dataplane->config.idle);
		config->engine = dataplane->crypto;
		config->srtp_spares =
		    SRTP_SPARES_LEAST + dataplane->config.max_sessions / SRTP_SPARES_OF_SESSIONS;
		rc = worker_new(&dataplane->worker[i], config);
	}
	free(config);
	rc = rc ? rc : workers_connect(dataplane->worker, dataplane->config.workers);
	if (rc)
		snprintf(text, size, "workers: %s", strerror(-rc));
	return rc;
}

static int workers_start(struct dataplane *dataplane, char *text, size_t size)
{
	for (unsigned i = 0; i < dataplane->config.workers; i++) {
		int rc = worker_start(dataplane->worker[i]);

		if (rc) {
			snprintf(text, size, "worker %u on CPU %u: %s", i,
				 dataplane->cores.worker[i], strerror(-rc));
			return rc;
		}
		log_event(LOG_WORKER_STARTED, "worker %u on CPU %u%s", i,
			  dataplane->cores.worker[i],
			  dataplane->cores.shared ? ", which it may have to share" : "");
	}
	return 0;
}

static int captures_start_all(struct dataplane *dataplane, char *text, size_t size)
{
	const struct config_capture *config = &dataplane->config.capture;
	struct captures_config captures = {.file_bytes = (uint64_t)config->file_mib << 20,
					   .total_bytes = (uint64_t)config->total_mib << 20,
					   .time_s = config->time_s,
					   .most = config->allow,
					   .tsc_hz = rte_get_tsc_hz()};
	char why[400];
	int rc;

	if (!config->directory[0])
		return 0;
	rc = capture_directory_open(&dataplane->capture_directory, config->directory, why,
				    sizeof(why));
	if (rc) {
		snprintf(text, size, "capture directory: %s", why);
		return rc;
	}
	captures.directory = dataplane->capture_directory;
	rc = captures_new(&dataplane->captures, &captures);
	if (rc)
		snprintf(text, size, "captures: %s", strerror(-rc));
	return rc;
}

static int sessions_start(struct dataplane *dataplane, char *text, size_t size)
{
	struct sessions_config config = {.max_sessions = dataplane->config.max_sessions,
					 .worker_count = dataplane->config.workers,
					 .workers = dataplane->worker,
					 .interfaces = &dataplane->interfaces,
					 .engine = dataplane->crypto,
					 .nexthops = dataplane->nexthops,
					 .captures = dataplane->captures,
					 .on_event = session_event,
					 .user = dataplane};
	int rc = sessions_new(&dataplane->sessions, &config);

	if (rc) {
		snprintf(text, size, "sessions: %s", strerror(-rc));
		return rc;
	}
	if (!sessions_memory_locked(dataplane->sessions))
		log_event(LOG_MEMORY_UNLOCKED,
			  "key memory is not locked and may be swapped: raise RLIMIT_MEMLOCK");
	return 0;
}

static int signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	/* before any thread starts, so that none of them takes a signal */
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int timer_open(void)
{
	const struct itimerspec tick = {.it_interval.tv_nsec = TICK_MS * 1000000L,
					.it_value.tv_nsec = TICK_MS * 1000000L};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd >= 0 && timerfd_settime(fd, 0, &tick, NULL) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int loop_start(struct dataplane *dataplane, char *text, size_t size)
{
	int rc = loop_open(&dataplane->loop);

	dataplane->timer_fd = timer_open();
	dataplane->signal_fd = signals_open();
	dataplane->timer = (struct loop_source){timer_ready, dataplane};
	dataplane->signal = (struct loop_source){signal_ready, dataplane};
	dataplane->nexthop = (struct loop_source){nexthop_ready, dataplane};
	if (!rc && (dataplane->timer_fd < 0 || dataplane->signal_fd < 0))
		rc = -EMFILE;
	if (rc)
		snprintf(text, size, "event loop: %s", strerror(-rc));
	return rc;
}

static int sources_add(struct dataplane *dataplane)
{
	struct loop *loop = &dataplane->loop;
	int rc = loop_add(loop, dataplane->timer_fd, EPOLLIN, &dataplane->timer);

	rc = rc ? rc : loop_add(loop, dataplane->signal_fd, EPOLLIN, &dataplane->signal);
	return rc ? rc
		  : loop_add(loop, nexthop_fd(dataplane->nexthops), EPOLLIN, &dataplane->nexthop);
}

static int server_start(struct dataplane *dataplane, char *text, size_t size)
{
	struct server_config config = {.path = dataplane->config.media_socket,
				       .group = dataplane->config.group,
				       .loop = &dataplane->loop,
				       .requests = &dataplane->requests};
	struct timespec now;
	int rc = sources_add(dataplane);

	clock_gettime(CLOCK_MONOTONIC, &now);
	dataplane->requests = (struct requests){.sessions = dataplane->sessions,
						.started_ms = (uint64_t)now.tv_sec * 1000 +
							      (uint64_t)now.tv_nsec / 1000000,
						.status = dataplane_status,
						.user = dataplane};
	while (!rc && !dataplane->requests.boot_id)
		if (getrandom(&dataplane->requests.boot_id, sizeof(uint64_t), 0) !=
		    sizeof(uint64_t))
			rc = -EIO;
	rc = rc ? rc : server_new(&dataplane->server, &config);
	if (rc)
		snprintf(text, size, "media socket %s: %s", dataplane->config.media_socket,
			 rc == -EADDRINUSE ? "another data plane listens there" : strerror(-rc));
	return rc;
}

int dataplane_start(struct dataplane **dataplane, const struct config *config, char *text,
		    size_t size)
{
	static int (*const parts[])(struct dataplane *, char *, size_t) = {
	    process_harden, loop_start,     memory_start, engine_start,
	    ports_start,    nexthops_start, workers_make, captures_start_all,
	    sessions_start, workers_start,  server_start,
	};
	struct dataplane *new = calloc(1, sizeof(*new));
	int rc = 0;

	*dataplane = NULL;
	if (!new)
		return -ENOMEM;
	new->config = *config;
	new->timer_fd = new->signal_fd = new->loop.epoll = -1;
	new->capture_directory.fd = -1;
	for (size_t i = 0; !rc && i < sizeof(parts) / sizeof(parts[0]); i++)
		rc = parts[i](new, text, size);
	if (rc) {
		dataplane_stop(new);
		return rc;
	}
	new->sampled_tsc = rte_rdtsc();
	*dataplane = new;
	return 0;
}

unsigned dataplane_workers(const struct dataplane *dataplane)
{
	return dataplane->config.workers;
}

int dataplane_run(struct dataplane *dataplane)
{
	return loop_run(&dataplane->loop);
}

void dataplane_stop(struct dataplane *dataplane)
{
	if (!dataplane)
		return;
	server_free(dataplane->server);
	dataplane->server = NULL;
	for (unsigned i = 0; i < dataplane->config.workers; i++)
		worker_stop(dataplane->worker[i]);
	sessions_free(dataplane->sessions);
	dataplane->sessions = NULL;
	captures_free(dataplane->captures);
	capture_directory_close(&dataplane->capture_directory);
	for (unsigned i = 0; i < dataplane->config.workers; i++)
		worker_free(dataplane->worker[i]);
	nexthop_close(dataplane->nexthops);
	ports_stop(dataplane);
	if (dataplane->eal_started)
		eal_stop();
	if (dataplane->timer_fd >= 0)
		close(dataplane->timer_fd);
	if (dataplane->signal_fd >= 0)
		close(dataplane->signal_fd);
	loop_close(&dataplane->loop);
	free(dataplane);
}
