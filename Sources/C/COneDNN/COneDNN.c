#include "COneDNN.h"
#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

struct onednn_plan {
  onednn_direction direction;
  dnnl_primitive_t run, reorder;
  dnnl_memory_t x, weights, bias, y, scratch, plain, packed;
  size_t weights_bytes, scratch_bytes;
  const char *kernel;
};

#define TRY(call)                                                                                                      \
  do {                                                                                                                 \
    dnnl_status_t status = (call);                                                                                     \
    if (status != dnnl_success) return status;                                                                         \
  } while (0)

static dnnl_engine_t engine;
static dnnl_stream_t stream;

// One engine and one in-order stream for the process, made at first use and kept to its end.
static int open_engine(void) {
  if (stream) return dnnl_success;
  if (!engine) TRY(dnnl_engine_create(&engine, dnnl_cpu, 0));
  return dnnl_stream_create(&stream, engine, dnnl_stream_in_order);
}

void onednn_limit(const char *isa) {
  if (stream) return;
  if (strcmp(isa, "avx2") == 0) dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
  if (strcmp(isa, "generic") == 0) dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41);
}

static int memory_of(dnnl_memory_t *memory, const dnnl_memory_desc_t *layout) {
  return dnnl_memory_create(memory, layout, engine, DNNL_MEMORY_NONE);
}

static int describe(const onednn_plan *plan, const onednn_shape *s, dnnl_primitive_desc_t *description) {
  dnnl_memory_desc_t x, w, b, y;
  const dnnl_dims_t x_dims = {1, s->inputs, s->depth, s->height, s->width};
  const dnnl_dims_t y_dims = {1, s->outputs, s->depth, s->height, s->width};
  const dnnl_dims_t w_dims = {s->outputs, s->inputs, 3, 3, 3};
  const dnnl_dims_t b_dims = {s->outputs};
  const dnnl_dims_t ones = {1, 1, 1};
  TRY(dnnl_memory_desc_init_by_tag(&x, 5, x_dims, dnnl_f32, dnnl_ndhwc));
  TRY(dnnl_memory_desc_init_by_tag(&y, 5, y_dims, dnnl_f32, dnnl_ndhwc));
  TRY(dnnl_memory_desc_init_by_tag(&w, 5, w_dims, dnnl_f32, dnnl_format_tag_any));
  TRY(dnnl_memory_desc_init_by_tag(&b, 1, b_dims, dnnl_f32, dnnl_a));

  dnnl_primitive_attr_t attributes;
  TRY(dnnl_primitive_attr_create(&attributes));
  dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  dnnl_post_ops_t after = NULL;
  if (s->rectified && plan->direction == onednn_forward) {
    dnnl_post_ops_create(&after);
    dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0);
    dnnl_primitive_attr_set_post_ops(attributes, after);
  }

  dnnl_convolution_desc_t forward, wanted;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t status = dnnl_convolution_forward_desc_init(&forward, dnnl_forward_training, dnnl_convolution_direct,
                                                            &x, &w, &b, &y, ones, ones, ones);
  switch (plan->direction) {
  case onednn_forward: wanted = forward; break;
  case onednn_backward_data:
    if (!status)
      status = dnnl_convolution_backward_data_desc_init(&wanted, dnnl_convolution_direct, &x, &w, &y, ones, ones, ones);
    break;
  case onednn_backward_weights:
    if (!status)
      status = dnnl_convolution_backward_weights_desc_init(&wanted, dnnl_convolution_direct, &x, &w, &b, &y, ones, ones,
                                                           ones);
    break;
  }
  if (!status && plan->direction != onednn_forward)
    status = dnnl_primitive_desc_create(&hint, &forward, NULL, engine, NULL);
  if (!status) status = dnnl_primitive_desc_create(description, &wanted, attributes, engine, hint);

  if (hint) dnnl_primitive_desc_destroy(hint);
  if (after) dnnl_post_ops_destroy(after);
  dnnl_primitive_attr_destroy(attributes);
  return status;
}

static int reorder_between(onednn_plan *plan, const dnnl_memory_desc_t *packed, const onednn_shape *s) {
  const dnnl_dims_t dims = {s->outputs, s->inputs, 3, 3, 3};
  dnnl_memory_desc_t plain;
  TRY(dnnl_memory_desc_init_by_tag(&plain, 5, dims, dnnl_f32, dnnl_oidhw));
  int packs = plan->direction != onednn_backward_weights;
  dnnl_primitive_desc_t description;
  TRY(dnnl_reorder_primitive_desc_create(&description, packs ? &plain : packed, engine, packs ? packed : &plain, engine,
                                         NULL));
  dnnl_status_t status = dnnl_primitive_create(&plan->reorder, description);
  dnnl_primitive_desc_destroy(description);
  if (!status) status = memory_of(&plan->plain, &plain);
  if (!status) status = memory_of(&plan->packed, packed);
  return status;
}

static int fill(onednn_plan *plan, dnnl_primitive_desc_t description, const onednn_shape *s) {
  int weights_role = plan->direction == onednn_backward_weights ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
  int x_role = plan->direction == onednn_backward_data ? dnnl_query_diff_src_md : dnnl_query_src_md;
  int y_role = plan->direction == onednn_forward ? dnnl_query_dst_md : dnnl_query_diff_dst_md;
  const dnnl_memory_desc_t *w = dnnl_primitive_desc_query_md(description, weights_role, 0);
  const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
  plan->weights_bytes = dnnl_memory_desc_get_size(w);
  plan->scratch_bytes = dnnl_memory_desc_get_size(scratch);
  TRY(memory_of(&plan->x, dnnl_primitive_desc_query_md(description, x_role, 0)));
  TRY(memory_of(&plan->y, dnnl_primitive_desc_query_md(description, y_role, 0)));
  TRY(memory_of(&plan->weights, w));
  TRY(memory_of(&plan->scratch, scratch));
  if (plan->direction != onednn_backward_data)
    TRY(memory_of(&plan->bias, dnnl_primitive_desc_query_md(description, weights_role, 1)));
  TRY(reorder_between(plan, w, s));
  TRY(dnnl_primitive_create(&plan->run, description));
  const_dnnl_primitive_desc_t kept;
  TRY(dnnl_primitive_get_primitive_desc(plan->run, &kept));
  return dnnl_primitive_desc_query(kept, dnnl_query_impl_info_str, 0, &plan->kernel);
}

int onednn_plan_make(onednn_plan **result, onednn_direction direction, const onednn_shape *shape) {
  TRY(open_engine());
  onednn_plan *plan = calloc(1, sizeof *plan);
  if (!plan) return dnnl_out_of_memory;
  plan->direction = direction;
  dnnl_primitive_desc_t description = NULL;
  dnnl_status_t status = describe(plan, shape, &description);
  if (!status) status = fill(plan, description, shape);
  if (description) dnnl_primitive_desc_destroy(description);
  if (status) {
    onednn_plan_free(plan);
    return status;
  }
  *result = plan;
  return dnnl_success;
}

void onednn_plan_free(onednn_plan *plan) {
  if (!plan) return;
  dnnl_memory_t memories[] = {plan->x, plan->weights, plan->bias, plan->y, plan->scratch, plan->plain, plan->packed};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  if (plan->run) dnnl_primitive_destroy(plan->run);
  if (plan->reorder) dnnl_primitive_destroy(plan->reorder);
  free(plan);
}

size_t onednn_plan_weights(const onednn_plan *plan) { return plan->weights_bytes; }
size_t onednn_plan_scratch(const onednn_plan *plan) { return plan->scratch_bytes; }
const char *onednn_plan_kernel(const onednn_plan *plan) { return plan->kernel; }

static int reorder(onednn_plan *plan, dnnl_memory_t from, dnnl_memory_t to, const float *source, float *target) {
  TRY(dnnl_memory_set_data_handle(from, (void *)source));
  TRY(dnnl_memory_set_data_handle(to, target));
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  TRY(dnnl_primitive_execute(plan->reorder, stream, 2, arguments));
  return dnnl_stream_wait(stream);
}

int onednn_plan_pack(onednn_plan *plan, const float *plain, float *packed) {
  return reorder(plan, plan->plain, plan->packed, plain, packed);
}

int onednn_plan_unpack(onednn_plan *plan, const float *packed, float *plain) {
  return reorder(plan, plan->packed, plan->plain, packed, plain);
}

int onednn_plan_run(onednn_plan *plan, float *x, float *weights, float *bias, float *y, void *scratch) {
  static const int roles[3][4] = {
      {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS},
      {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST, 0},
      {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_BIAS},
  };
  const int *role = roles[plan->direction];
  TRY(dnnl_memory_set_data_handle(plan->x, x));
  TRY(dnnl_memory_set_data_handle(plan->weights, weights));
  TRY(dnnl_memory_set_data_handle(plan->y, y));
  TRY(dnnl_memory_set_data_handle(plan->scratch, scratch));
  if (plan->bias) TRY(dnnl_memory_set_data_handle(plan->bias, bias));
  const dnnl_exec_arg_t arguments[] = {{role[0], plan->x},
                                       {role[1], plan->weights},
                                       {role[2], plan->y},
                                       {DNNL_ARG_SCRATCHPAD, plan->scratch},
                                       {role[3], plan->bias}};
  TRY(dnnl_primitive_execute(plan->run, stream, plan->bias ? 5 : 4, arguments));
  return dnnl_stream_wait(stream);
}

void onednn_version(int *major, int *minor, int *patch) {
  const dnnl_version_t *version = dnnl_version();
  *major = version->major;
  *minor = version->minor;
  *patch = version->patch;
}
