/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells systemd how the service is (sd_notify(3)), without its library. */
#pragma once

/* "READY=1", "STOPPING=1", "STATUS=…"; nothing when NOTIFY_SOCKET is not set. */
void notify_service(const char *state);
