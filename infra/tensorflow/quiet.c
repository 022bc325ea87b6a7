// The addon that Node loads: it loads TensorFlow's own beside it with stderr shut. The library writes two lines there while it is loaded,
// before anybody can tell it to be quiet, and TF_CPP_MIN_LOG_LEVEL, which its users set for that, is no longer read by then.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef napi_value (*Register)(napi_env env, napi_value exports);

// "…/tfjs_binding.node" → "…/tensorflow.node"; 0: too long, or not known.
static int find_beside(char* path, size_t size) {
  Dl_info own;
  if (!dladdr((void*)&find_beside, &own) || own.dli_fname == NULL) return 0;
  const char* slash = strrchr(own.dli_fname, '/');
  int folder = slash == NULL ? 0 : (int)(slash - own.dli_fname) + 1;
  int length = snprintf(path, size, "%.*stensorflow.node", folder, own.dli_fname);
  return length > 0 && (size_t)length < size;
}

// A level of 0 asks for all that there is to say.
static int wants_quiet(void) {
  const char* level = getenv("TF_CPP_MIN_LOG_LEVEL");
  return level != NULL && atoi(level) > 0;
}

static void* load_quietly(const char* path) {
  int nowhere = wants_quiet() ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
  int kept = nowhere < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (kept >= 0) dup2(nowhere, STDERR_FILENO);
  void* library = dlopen(path, RTLD_LAZY);
  if (kept >= 0) {
    dup2(kept, STDERR_FILENO);
    close(kept);
  }
  if (nowhere >= 0) close(nowhere);
  return library;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  char path[PATH_MAX];
  void* library = find_beside(path, sizeof path) ? load_quietly(path) : NULL;
  Register own = library == NULL ? NULL : (Register)dlsym(library, "napi_register_module_v1");
  if (own != NULL) return own(env, exports);
  const char* reason = dlerror(); // what is missing stands in it
  napi_throw_error(env, NULL, reason == NULL ? "no tensorflow.node beside the addon" : reason);
  return NULL;
}
