/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who else of this user measures on this machine. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-presence.h"

#include <fcntl.h>
#include <unistd.h>

struct _LdsPresence
{
  int fd; /* -1 = no lock */
};

static char *
dup_path (void)
{
  const char *path = g_getenv ("LOADSTONE_LOCK");

  if (path != NULL)
    return g_strdup (path);
  return g_build_filename (g_get_user_runtime_dir (), "loadstone-measuring.lock", NULL);
}

LdsPresence *
lds_presence_new (void)
{
  LdsPresence *self = g_new0 (LdsPresence, 1);
  g_autofree char *path = dup_path ();
  /* A lock of the open file, not of the process: two conductors of one process see each other too. */
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

  self->fd = *path != '\0' ? open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
  if (self->fd >= 0 && fcntl (self->fd, F_OFD_SETLK, &lock) != 0)
    g_message ("No lock on “%s”: another measurement at the same time would not be noticed.", path);
  return self;
}

void
lds_presence_free (LdsPresence *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

gboolean
lds_presence_has_others (LdsPresence *self)
{
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

  g_return_val_if_fail (self != NULL, FALSE);

  /* Asks only whether a lock of one's own alone could be had. */
  return self->fd >= 0 && fcntl (self->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
