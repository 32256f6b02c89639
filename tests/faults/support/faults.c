// Loaded with LD_PRELOAD into the server or its engine: faults that no test can cause from outside. Linux only.
//
// What it does is told by a file of eight 64-bit numbers, mapped by the test and by every process (fault-library.ts
// has the same list):
//
//   killAt     the process kills itself at this one of its renames and syncs, counted from when it was set
//   killAfter  1: after the call instead of before it
//   calls      renames and syncs so far
//   syncErrno, writeErrno, openErrno   what syncs, writes and opens for writing fail with; 0: nothing
//   clockSeconds   added to the time of day
//   isRecording    1: keep what a power cut would leave, in SPANWISE_FAULTS_SHADOW
//
// A power cut leaves, as on a journalling file system: names as they were at the last sync of anything, and of each
// file what it held when it was synced itself.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { KILL_AT, KILL_AFTER, CALLS, SYNC_ERRNO, WRITE_ERRNO, OPEN_ERRNO, CLOCK_SECONDS, IS_RECORDING, FIELDS };

static volatile int64_t *control;
static const char *root;
static const char *shadow;
static size_t root_length;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("SPANWISE_FAULTS_CONTROL");
  const char *role = getenv("SPANWISE_FAULTS_ROLE");
  root = getenv("SPANWISE_FAULTS_ROOT");
  shadow = getenv("SPANWISE_FAULTS_SHADOW");
  if (path == NULL || role == NULL || root == NULL) return;
  int is_engine = getenv("SPANWISE_ENGINE") != NULL;
  if (strcmp(role, "both") != 0 && (strcmp(role, "engine") == 0) != is_engine) return;
  root_length = strlen(root);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd == -1) return;
  void *mapped = mmap(NULL, FIELDS * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

static int is_in_root(const char *path) {
  return strncmp(path, root, root_length) == 0;
}

static int fd_path(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_in_root(path);
}

static int counts(int is_after) {
  if (!is_after) __sync_fetch_and_add(&control[CALLS], 1);
  if (control[KILL_AT] <= 0 || control[KILL_AFTER] != is_after) return 0;
  return __sync_sub_and_fetch(&control[KILL_AT], 1) == 0;
}

static void perhaps_die(int is_after) {
  if (counts(is_after)) kill(getpid(), SIGKILL);
}

// ---- power cut

static FILE *tree;

static void key_of(const char *path, char *key, size_t size) {
  struct statx s;
  if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &s) != 0) {
    key[0] = 0;
    return;
  }
  // A number may be given to another file later; with the time of birth it is one file's.
  snprintf(key, size, "%llu-%lld-%u", (unsigned long long)s.stx_ino, (long long)s.stx_btime.tv_sec,
           s.stx_btime.tv_nsec);
}

static int note(const char *path, const struct stat *s, int type, struct FTW *ftw) {
  (void)s;
  (void)ftw;
  char key[96], target[4096] = "";
  key_of(path, key, sizeof key);
  if (key[0] == 0) return 0;
  if (type == FTW_SL || type == FTW_SLN) {
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
  }
  const char kind = type == FTW_D || type == FTW_DNR ? 'd' : type == FTW_SL || type == FTW_SLN ? 'l' : 'f';
  fprintf(tree, "%c\t%s\t%s\t%s\n", kind, key, path + root_length, target);
  return 0;
}

static void record(int fd, const char *path) {
  if (shadow == NULL || control[IS_RECORDING] == 0) return;
  char name[4200], next[4300], key[96];
  snprintf(name, sizeof name, "%s/lock", shadow);
  int lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  flock(lock, LOCK_EX);
  struct stat s;
  if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
    key_of(path, key, sizeof key);
    if (key[0] != 0) {
      snprintf(name, sizeof name, "%s/files/%s", shadow, key);
      snprintf(next, sizeof next, "%s.next", name);
      int from = open(path, O_RDONLY | O_CLOEXEC);
      int to = REAL(open)(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      while (from != -1 && to != -1 && sendfile(to, from, NULL, 1 << 26) > 0) {
      }
      if (from != -1) close(from);
      if (to != -1) close(to);
      REAL(rename)(next, name);
    }
  }
  snprintf(name, sizeof name, "%s/tree", shadow);
  snprintf(next, sizeof next, "%s/tree.next", shadow);
  tree = fopen(next, "w");
  if (tree != NULL) {
    nftw(root, note, 64, FTW_PHYS);
    fclose(tree);
    REAL(rename)(next, name);
  }
  close(lock);
}

// ---- what is stood in for

static int sync_fd(int fd, int (*real)(int)) {
  if (control == NULL) return real(fd);
  char path[4096];
  if (!fd_path(fd, path, sizeof path)) return real(fd);
  if (control[SYNC_ERRNO] != 0) {
    errno = (int)control[SYNC_ERRNO];
    return -1;
  }
  perhaps_die(0);
  int result = real(fd);
  if (result == 0) record(fd, path);
  perhaps_die(1);
  return result;
}

int fsync(int fd) { return sync_fd(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_fd(fd, REAL(fdatasync)); }

int rename(const char *from, const char *to) {
  if (control == NULL || !is_in_root(to)) return REAL(rename)(from, to);
  perhaps_die(0);
  int result = REAL(rename)(from, to);
  perhaps_die(1);
  return result;
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
  if (control == NULL || !is_in_root(to)) return REAL(renameat2)(from_fd, from, to_fd, to, flags);
  perhaps_die(0);
  int result = REAL(renameat2)(from_fd, from, to_fd, to, flags);
  perhaps_die(1);
  return result;
}

static int write_fails(int fd) {
  char path[4096];
  if (control == NULL || control[WRITE_ERRNO] == 0 || !fd_path(fd, path, sizeof path)) return 0;
  errno = (int)control[WRITE_ERRNO];
  return 1;
}

ssize_t write(int fd, const void *bytes, size_t size) {
  return write_fails(fd) ? -1 : REAL(write)(fd, bytes, size);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  return write_fails(fd) ? -1 : REAL(writev)(fd, parts, count);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  return write_fails(fd) ? -1 : REAL(pwrite64)(fd, bytes, size, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  return write_fails(fd) ? -1 : REAL(pwrite)(fd, bytes, size, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  return write_fails(fd) ? -1 : REAL(pwritev64)(fd, parts, count, at);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  return write_fails(fd) ? -1 : REAL(pwritev)(fd, parts, count, at);
}

static int open_fails(const char *path, int flags) {
  if (control == NULL || control[OPEN_ERRNO] == 0 || (flags & O_CREAT) == 0 || !is_in_root(path)) return 0;
  errno = (int)control[OPEN_ERRNO];
  return 1;
}

#define OPEN(name)                                    \
  int name(const char *path, int flags, ...) {        \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode_t mode = va_arg(rest, mode_t);               \
    va_end(rest);                                     \
    if (open_fails(path, flags)) return -1;           \
    return REAL(name)(path, flags, mode);             \
  }
OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = REAL(clock_gettime)(clock, time);
  if (control != NULL && clock == CLOCK_REALTIME) time->tv_sec += control[CLOCK_SECONDS];
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  int result = REAL(gettimeofday)(time, zone);
  if (control != NULL) time->tv_sec += control[CLOCK_SECONDS];
  return result;
}
