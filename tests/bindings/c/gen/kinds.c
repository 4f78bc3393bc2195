/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "kinds.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_BOOL, false, 0, sizeof(bool), 0, NULL};
static const tenon_c_type type_1_ = {TENON_S8, false, 0, sizeof(int8_t), 0, NULL};
static const tenon_c_type type_2_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_type type_3_ = {TENON_S16, false, 0, sizeof(int16_t), 0, NULL};
static const tenon_c_type type_4_ = {TENON_U16, false, 0, sizeof(uint16_t), 0, NULL};
static const tenon_c_type type_5_ = {TENON_S32, false, 0, sizeof(int32_t), 0, NULL};
static const tenon_c_type type_6_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_7_ = {TENON_S64, false, 0, sizeof(int64_t), 0, NULL};
static const tenon_c_type type_8_ = {TENON_U64, false, 0, sizeof(uint64_t), 0, NULL};
static const tenon_c_type type_9_ = {TENON_F32, false, 0, sizeof(float), 0, NULL};
static const tenon_c_type type_10_ = {TENON_F64, false, 0, sizeof(double), 0, NULL};
static const tenon_c_type type_11_ = {TENON_CHAR, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_12_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_part parts_13_[] = {
    {"", &type_0_, 0}};
static const tenon_c_type type_13_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_13_};
static const tenon_c_part parts_14_[] = {
    {"", &type_2_, 0}};
static const tenon_c_type type_14_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_14_};
static const tenon_c_part parts_15_[] = {
    {"", &type_3_, 0}};
static const tenon_c_type type_15_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_15_};
static const tenon_c_part parts_16_[] = {
    {"", &type_8_, 0}};
static const tenon_c_type type_16_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_16_};
static const tenon_c_part parts_17_[] = {
    {"", &type_9_, 0}};
static const tenon_c_type type_17_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_17_};
static const tenon_c_part parts_18_[] = {
    {"", &type_10_, 0}};
static const tenon_c_type type_18_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_18_};
static const tenon_c_part parts_19_[] = {
    {"", &type_11_, 0}};
static const tenon_c_type type_19_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_19_};
static const tenon_c_part parts_20_[] = {
    {"", &type_12_, 0}};
static const tenon_c_type type_20_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_20_};
static const tenon_c_part parts_21_[] = {
    {"", &type_20_, 0}};
static const tenon_c_type type_21_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_21_};
static const tenon_c_part parts_22_[] = {
    {"", &type_14_, 0}};
static const tenon_c_type type_22_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_22_};
static const tenon_c_part parts_23_[] = {
    {"", &type_2_, 0}};
static const tenon_c_type type_23_ = {TENON_LIST, false, 4, sizeof(kinds_array4_u8), 1, parts_23_};
static const tenon_c_part parts_24_[] = {
    {"", &type_12_, 0}};
static const tenon_c_type type_24_ = {TENON_LIST, false, 2, sizeof(kinds_array2_string), 1, parts_24_};
static const tenon_c_part parts_25_[] = {
    {"key", &type_12_, offsetof(kinds_entry_string_u32, key)},
    {"value", &type_6_, offsetof(kinds_entry_string_u32, value)}};
static const tenon_c_type type_25_ = {TENON_RECORD, false, 0, sizeof(kinds_entry_string_u32), 2, parts_25_};
static const tenon_c_part parts_26_[] = {
    {"", &type_25_, 0}};
static const tenon_c_type type_26_ = {TENON_MAP, false, 0, sizeof(tenon_c_list), 1, parts_26_};
static const tenon_c_part parts_27_[] = {
    {"none", NULL, 0},
    {"some", &type_12_, offsetof(kinds_option_string, value)}};
static const tenon_c_type type_27_ = {TENON_OPTION, false, 0, sizeof(kinds_option_string), 2, parts_27_};
static const tenon_c_part parts_28_[] = {
    {"none", NULL, 0},
    {"some", &type_6_, offsetof(kinds_option_u32, value)}};
static const tenon_c_type type_28_ = {TENON_OPTION, false, 0, sizeof(kinds_option_u32), 2, parts_28_};
static const tenon_c_part parts_29_[] = {
    {"none", NULL, 0},
    {"some", &type_28_, offsetof(kinds_option_option_u32, value)}};
static const tenon_c_type type_29_ = {TENON_OPTION, false, 0, sizeof(kinds_option_option_u32), 2, parts_29_};
static const tenon_c_part parts_30_[] = {
    {"ok", &type_14_, offsetof(kinds_result_list_u8_string, of)},
    {"err", &type_12_, offsetof(kinds_result_list_u8_string, of)}};
static const tenon_c_type type_30_ = {TENON_RESULT, false, 0, sizeof(kinds_result_list_u8_string), 2, parts_30_};
static const tenon_c_part parts_31_[] = {
    {"ok", &type_12_, offsetof(kinds_result_string_void, of)},
    {"err", NULL, 0}};
static const tenon_c_type type_31_ = {TENON_RESULT, false, 0, sizeof(kinds_result_string_void), 2, parts_31_};
static const tenon_c_part parts_32_[] = {
    {"red", NULL, 0},
    {"green", NULL, 0},
    {"blue", NULL, 0}};
static const tenon_c_type type_32_ = {TENON_ENUM, false, 0, sizeof(kinds_all_color), 3, parts_32_};
static const tenon_c_part parts_33_[] = {
    {"ok", NULL, 0},
    {"err", &type_32_, offsetof(kinds_result_void_all_color, of)}};
static const tenon_c_type type_33_ = {TENON_RESULT, false, 0, sizeof(kinds_result_void_all_color), 2, parts_33_};
static const tenon_c_part parts_34_[] = {
    {"ok", NULL, 0},
    {"err", NULL, 0}};
static const tenon_c_type type_34_ = {TENON_RESULT, false, 0, sizeof(kinds_result_void_void), 2, parts_34_};
static const tenon_c_part parts_35_[] = {
    {"", &type_4_, 0}};
static const tenon_c_type type_35_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_35_};
static const tenon_c_part parts_36_[] = {
    {"none", NULL, 0},
    {"some", &type_11_, offsetof(kinds_option_char, value)}};
static const tenon_c_type type_36_ = {TENON_OPTION, false, 0, sizeof(kinds_option_char), 2, parts_36_};
static const tenon_c_part parts_37_[] = {
    {"", &type_12_, offsetof(kinds_tuple4_string_s8_list_u16_option_char, f0)},
    {"", &type_1_, offsetof(kinds_tuple4_string_s8_list_u16_option_char, f1)},
    {"", &type_35_, offsetof(kinds_tuple4_string_s8_list_u16_option_char, f2)},
    {"", &type_36_, offsetof(kinds_tuple4_string_s8_list_u16_option_char, f3)}};
static const tenon_c_type type_37_ = {TENON_TUPLE, false, 0, sizeof(kinds_tuple4_string_s8_list_u16_option_char), 4, parts_37_};
static const tenon_c_part parts_38_[] = {
    {"none", NULL, 0},
    {"some", &type_10_, offsetof(kinds_option_f64, value)}};
static const tenon_c_type type_38_ = {TENON_OPTION, false, 0, sizeof(kinds_option_f64), 2, parts_38_};
static const tenon_c_part parts_39_[] = {
    {"name", &type_12_, offsetof(kinds_all_item, name)},
    {"price", &type_38_, offsetof(kinds_all_item, price)},
    {"tags", &type_20_, offsetof(kinds_all_item, tags)},
    {"blob", &type_14_, offsetof(kinds_all_item, blob)},
    {"flags", &type_13_, offsetof(kinds_all_item, flags)}};
static const tenon_c_type type_39_ = {TENON_RECORD, false, 0, sizeof(kinds_all_item), 5, parts_39_};
static const tenon_c_part parts_40_[] = {
    {"", &type_39_, 0}};
static const tenon_c_type type_40_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_40_};
static const tenon_c_part parts_41_[] = {
    {"empty", NULL, 0},
    {"number", &type_10_, offsetof(kinds_all_shape, of)},
    {"text", &type_12_, offsetof(kinds_all_shape, of)},
    {"other-text", &type_12_, offsetof(kinds_all_shape, of)},
    {"items", &type_40_, offsetof(kinds_all_shape, of)},
    {"letter", &type_11_, offsetof(kinds_all_shape, of)}};
static const tenon_c_type type_41_ = {TENON_VARIANT, false, 0, sizeof(kinds_all_shape), 6, parts_41_};
static const tenon_c_part parts_42_[] = {
    {"", &type_32_, 0}};
static const tenon_c_type type_42_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_42_};
static const tenon_c_part parts_43_[] = {
    {"read", NULL, 0},
    {"write", NULL, 0},
    {"execute", NULL, 0},
    {"a4", NULL, 0},
    {"a5", NULL, 0},
    {"a6", NULL, 0},
    {"a7", NULL, 0},
    {"a8", NULL, 0},
    {"a9", NULL, 0},
    {"a10", NULL, 0},
    {"a11", NULL, 0},
    {"a12", NULL, 0},
    {"a13", NULL, 0},
    {"a14", NULL, 0},
    {"a15", NULL, 0},
    {"a16", NULL, 0},
    {"a17", NULL, 0},
    {"a18", NULL, 0},
    {"a19", NULL, 0},
    {"a20", NULL, 0},
    {"a21", NULL, 0},
    {"a22", NULL, 0},
    {"a23", NULL, 0},
    {"a24", NULL, 0},
    {"a25", NULL, 0},
    {"a26", NULL, 0},
    {"a27", NULL, 0},
    {"a28", NULL, 0},
    {"a29", NULL, 0},
    {"a30", NULL, 0},
    {"a31", NULL, 0},
    {"last", NULL, 0}};
static const tenon_c_type type_43_ = {TENON_FLAGS, false, 0, sizeof(kinds_all_access), 32, parts_43_};
static const tenon_c_part parts_44_[] = {
    {"", &type_32_, offsetof(kinds_tuple2_all_color_all_access, f0)},
    {"", &type_43_, offsetof(kinds_tuple2_all_color_all_access, f1)}};
static const tenon_c_type type_44_ = {TENON_TUPLE, false, 0, sizeof(kinds_tuple2_all_color_all_access), 2, parts_44_};
static const tenon_c_part parts_45_[] = {
    {"left", &type_41_, offsetof(kinds_all_pair, left)},
    {"right", &type_44_, offsetof(kinds_all_pair, right)}};
static const tenon_c_type type_45_ = {TENON_RECORD, false, 0, sizeof(kinds_all_pair), 2, parts_45_};
static const tenon_c_type type_46_ = {TENON_OWN, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part parts_47_[] = {
    {"ok", &type_46_, offsetof(kinds_result_nodes_node_string, of)},
    {"err", &type_12_, offsetof(kinds_result_nodes_node_string, of)}};
static const tenon_c_type type_47_ = {TENON_RESULT, false, 0, sizeof(kinds_result_nodes_node_string), 2, parts_47_};
static const tenon_c_part parts_48_[] = {
    {"", &type_46_, 0}};
static const tenon_c_type type_48_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_48_};
static const tenon_c_part parts_49_[] = {
    {"none", NULL, 0},
    {"some", &type_46_, offsetof(kinds_option_nodes_node, value)}};
static const tenon_c_type type_49_ = {TENON_OPTION, false, 0, sizeof(kinds_option_nodes_node), 2, parts_49_};
static const tenon_c_part parts_50_[] = {
    {"label", &type_12_, offsetof(kinds_nodes_holder, label)},
    {"held", &type_49_, offsetof(kinds_nodes_holder, held)}};
static const tenon_c_type type_50_ = {TENON_RECORD, false, 0, sizeof(kinds_nodes_holder), 2, parts_50_};
static const tenon_c_part parts_51_[] = {
    {"", &type_12_, offsetof(kinds_tuple2_string_nodes_node, f0)},
    {"", &type_46_, offsetof(kinds_tuple2_string_nodes_node, f1)}};
static const tenon_c_type type_51_ = {TENON_TUPLE, false, 0, sizeof(kinds_tuple2_string_nodes_node), 2, parts_51_};
static const tenon_c_part parts_52_[] = {
    {"ok", &type_51_, offsetof(kinds_result_tuple2_string_nodes_node_nodes_holder, of)},
    {"err", &type_50_, offsetof(kinds_result_tuple2_string_nodes_node_nodes_holder, of)}};
static const tenon_c_type type_52_ = {TENON_RESULT, false, 0, sizeof(kinds_result_tuple2_string_nodes_node_nodes_holder), 2, parts_52_};
static const tenon_c_type type_53_ = {TENON_BORROW, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part parts_54_[] = {
    {"", &type_53_, 0}};
static const tenon_c_type type_54_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_54_};
static const tenon_c_part called_params_0_[] = {
    {"value", &type_0_, 0}};
static const tenon_c_part called_params_1_[] = {
    {"value", &type_1_, 0}};
static const tenon_c_part called_params_2_[] = {
    {"value", &type_2_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"value", &type_3_, 0}};
static const tenon_c_part called_params_4_[] = {
    {"value", &type_4_, 0}};
static const tenon_c_part called_params_5_[] = {
    {"value", &type_5_, 0}};
static const tenon_c_part called_params_6_[] = {
    {"value", &type_6_, 0}};
static const tenon_c_part called_params_7_[] = {
    {"value", &type_7_, 0}};
static const tenon_c_part called_params_8_[] = {
    {"value", &type_8_, 0}};
static const tenon_c_part called_params_9_[] = {
    {"value", &type_9_, 0}};
static const tenon_c_part called_params_10_[] = {
    {"value", &type_10_, 0}};
static const tenon_c_part called_params_11_[] = {
    {"value", &type_11_, 0}};
static const tenon_c_part called_params_12_[] = {
    {"value", &type_12_, 0}};
static const tenon_c_part called_params_13_[] = {
    {"value", &type_8_, 0}};
static const tenon_c_part called_params_14_[] = {
    {"value", &type_13_, 0}};
static const tenon_c_part called_params_15_[] = {
    {"value", &type_14_, 0}};
static const tenon_c_part called_params_16_[] = {
    {"value", &type_15_, 0}};
static const tenon_c_part called_params_17_[] = {
    {"value", &type_16_, 0}};
static const tenon_c_part called_params_18_[] = {
    {"value", &type_17_, 0}};
static const tenon_c_part called_params_19_[] = {
    {"value", &type_18_, 0}};
static const tenon_c_part called_params_20_[] = {
    {"value", &type_19_, 0}};
static const tenon_c_part called_params_21_[] = {
    {"value", &type_20_, 0}};
static const tenon_c_part called_params_22_[] = {
    {"value", &type_20_, 0}};
static const tenon_c_part called_params_23_[] = {
    {"value", &type_21_, 0}};
static const tenon_c_part called_params_24_[] = {
    {"value", &type_22_, 0}};
static const tenon_c_part called_params_25_[] = {
    {"value", &type_23_, 0}};
static const tenon_c_part called_params_26_[] = {
    {"value", &type_24_, 0}};
static const tenon_c_part called_params_27_[] = {
    {"value", &type_26_, 0}};
static const tenon_c_part called_params_28_[] = {
    {"value", &type_27_, 0}};
static const tenon_c_part called_params_29_[] = {
    {"value", &type_29_, 0}};
static const tenon_c_part called_params_30_[] = {
    {"value", &type_30_, 0}};
static const tenon_c_part called_params_31_[] = {
    {"value", &type_31_, 0}};
static const tenon_c_part called_params_32_[] = {
    {"value", &type_33_, 0}};
static const tenon_c_part called_params_33_[] = {
    {"value", &type_34_, 0}};
static const tenon_c_part called_params_34_[] = {
    {"value", &type_37_, 0}};
static const tenon_c_part called_params_35_[] = {
    {"value", &type_39_, 0}};
static const tenon_c_part called_params_36_[] = {
    {"value", &type_41_, 0}};
static const tenon_c_part called_params_37_[] = {
    {"value", &type_32_, 0}};
static const tenon_c_part called_params_38_[] = {
    {"value", &type_42_, 0}};
static const tenon_c_part called_params_39_[] = {
    {"value", &type_43_, 0}};
static const tenon_c_part called_params_40_[] = {
    {"value", &type_45_, 0}};
static const tenon_c_part called_params_41_[] = {
    {"value", &type_6_, 0}};
static const tenon_c_part called_params_42_[] = {
    {"value", &type_6_, 0}};
static const tenon_c_part called_params_43_[] = {
    {"all", &type_48_, 0}};
static const tenon_c_part called_params_44_[] = {
    {"holder", &type_50_, 0}};
static const tenon_c_part called_params_46_[] = {
    {"self", &type_53_, 0},
    {"color", &type_32_, 0}};
static const tenon_c_part called_params_47_[] = {
    {"self", &type_53_, 0}};
static const tenon_c_part called_params_48_[] = {
    {"self", &type_53_, 0}};
static const tenon_c_part called_params_49_[] = {
    {"self", &type_53_, 0},
    {"others", &type_54_, 0}};
static const tenon_c_function called_[] = {
    {"demo:kinds/all@1.0.0", "same-bool", called_params_0_, 1, &type_0_, 0},
    {"demo:kinds/all@1.0.0", "same-s8", called_params_1_, 1, &type_1_, 0},
    {"demo:kinds/all@1.0.0", "same-u8", called_params_2_, 1, &type_2_, 0},
    {"demo:kinds/all@1.0.0", "same-s16", called_params_3_, 1, &type_3_, 0},
    {"demo:kinds/all@1.0.0", "same-u16", called_params_4_, 1, &type_4_, 0},
    {"demo:kinds/all@1.0.0", "same-s32", called_params_5_, 1, &type_5_, 0},
    {"demo:kinds/all@1.0.0", "same-u32", called_params_6_, 1, &type_6_, 0},
    {"demo:kinds/all@1.0.0", "same-s64", called_params_7_, 1, &type_7_, 0},
    {"demo:kinds/all@1.0.0", "same-u64", called_params_8_, 1, &type_8_, 0},
    {"demo:kinds/all@1.0.0", "same-f32", called_params_9_, 1, &type_9_, 0},
    {"demo:kinds/all@1.0.0", "same-f64", called_params_10_, 1, &type_10_, 0},
    {"demo:kinds/all@1.0.0", "same-char", called_params_11_, 1, &type_11_, 0},
    {"demo:kinds/all@1.0.0", "same-string", called_params_12_, 1, &type_12_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-id", called_params_13_, 1, &type_8_, 0},
    {"demo:kinds/all@1.0.0", "same-bools", called_params_14_, 1, &type_13_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-bytes", called_params_15_, 1, &type_14_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-shorts", called_params_16_, 1, &type_15_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-longs", called_params_17_, 1, &type_16_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-floats", called_params_18_, 1, &type_17_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-doubles", called_params_19_, 1, &type_18_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-chars", called_params_20_, 1, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-strings", called_params_21_, 1, &type_20_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-words", called_params_22_, 1, &type_20_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-deep", called_params_23_, 1, &type_21_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-blobs", called_params_24_, 1, &type_22_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-quad", called_params_25_, 1, &type_23_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-twins", called_params_26_, 1, &type_24_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-map", called_params_27_, 1, &type_26_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-option", called_params_28_, 1, &type_27_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-options", called_params_29_, 1, &type_29_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-result", called_params_30_, 1, &type_30_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-fine", called_params_31_, 1, &type_31_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-bad", called_params_32_, 1, &type_33_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-outcome", called_params_33_, 1, &type_34_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-tuple", called_params_34_, 1, &type_37_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-item", called_params_35_, 1, &type_39_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-shape", called_params_36_, 1, &type_41_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-color", called_params_37_, 1, &type_32_, 0},
    {"demo:kinds/all@1.0.0", "same-colors", called_params_38_, 1, &type_42_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-access", called_params_39_, 1, &type_43_, 0},
    {"demo:kinds/all@1.0.0", "same-pair", called_params_40_, 1, &type_45_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/nodes@1.0.0", "[constructor]node", called_params_41_, 1, &type_46_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:kinds/nodes@1.0.0", "[static]node.try-make", called_params_42_, 1, &type_47_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:kinds/nodes@1.0.0", "turn", called_params_43_, 1, &type_48_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN | TENON_C_GIVES_OWN},
    {"demo:kinds/nodes@1.0.0", "unwrap", called_params_44_, 1, &type_52_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN | TENON_C_GIVES_OWN},
    {"demo:kinds/nodes@1.0.0", "alive", NULL, 0, &type_6_, 0},
    {"demo:kinds/nodes@1.0.0", "[method]node.paint", called_params_46_, 2, NULL, 0},
    {"demo:kinds/nodes@1.0.0", "[method]node.color", called_params_47_, 1, &type_32_, 0},
    {"demo:kinds/nodes@1.0.0", "[method]node.value", called_params_48_, 1, &type_6_, 0},
    {"demo:kinds/nodes@1.0.0", "[method]node.join", called_params_49_, 2, &type_6_, 0}};

tenon_error *kinds_all_same_bool(kinds *self, bool value_, bool *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 0), flat_, 1, &number_);
  if (result != NULL) *result = number_ != 0;
  return error_;
}

tenon_error *kinds_all_same_s8(kinds *self, int8_t value_, int8_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 1), flat_, 1, &number_);
  if (result != NULL) *result = (int8_t)number_;
  return error_;
}

tenon_error *kinds_all_same_u8(kinds *self, uint8_t value_, uint8_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 2), flat_, 1, &number_);
  if (result != NULL) *result = (uint8_t)number_;
  return error_;
}

tenon_error *kinds_all_same_s16(kinds *self, int16_t value_, int16_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 3), flat_, 1, &number_);
  if (result != NULL) *result = (int16_t)number_;
  return error_;
}

tenon_error *kinds_all_same_u16(kinds *self, uint16_t value_, uint16_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 4), flat_, 1, &number_);
  if (result != NULL) *result = (uint16_t)number_;
  return error_;
}

tenon_error *kinds_all_same_s32(kinds *self, int32_t value_, int32_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 5), flat_, 1, &number_);
  if (result != NULL) *result = (int32_t)number_;
  return error_;
}

tenon_error *kinds_all_same_u32(kinds *self, uint32_t value_, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 6), flat_, 1, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *kinds_all_same_s64(kinds *self, int64_t value_, int64_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 7), flat_, 1, &number_);
  if (result != NULL) *result = (int64_t)number_;
  return error_;
}

tenon_error *kinds_all_same_u64(kinds *self, uint64_t value_, uint64_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 8), flat_, 1, &number_);
  if (result != NULL) *result = (uint64_t)number_;
  return error_;
}

tenon_error *kinds_all_same_f32(kinds *self, float value_, float *result) {
  const uint64_t flat_[] = {tenon_c_bits_of_f32(value_)};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 9), flat_, 1, &number_);
  if (result != NULL) *result = tenon_c_f32_of_bits(number_);
  return error_;
}

tenon_error *kinds_all_same_f64(kinds *self, double value_, double *result) {
  const uint64_t flat_[] = {tenon_c_bits_of_f64(value_)};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 10), flat_, 1, &number_);
  if (result != NULL) *result = tenon_c_f64_of_bits(number_);
  return error_;
}

tenon_error *kinds_all_same_char(kinds *self, uint32_t value_, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 11), flat_, 1, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *kinds_all_same_string(kinds *self, tenon_string value_, tenon_arena *arena,
                                   tenon_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 12, args_, arena, result);
}

tenon_error *kinds_all_same_id(kinds *self, kinds_all_id value_, kinds_all_id *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 13), flat_, 1, &number_);
  if (result != NULL) *result = (kinds_all_id)number_;
  return error_;
}

tenon_error *kinds_all_same_bools(kinds *self, kinds_list_bool value_, tenon_arena *arena,
                                  kinds_list_bool *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 14, args_, arena, result);
}

tenon_error *kinds_all_same_bytes(kinds *self, kinds_list_u8 value_, tenon_arena *arena,
                                  kinds_list_u8 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 15, args_, arena, result);
}

tenon_error *kinds_all_same_shorts(kinds *self, kinds_list_s16 value_, tenon_arena *arena,
                                   kinds_list_s16 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 16, args_, arena, result);
}

tenon_error *kinds_all_same_longs(kinds *self, kinds_list_u64 value_, tenon_arena *arena,
                                  kinds_list_u64 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 17, args_, arena, result);
}

tenon_error *kinds_all_same_floats(kinds *self, kinds_list_f32 value_, tenon_arena *arena,
                                   kinds_list_f32 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 18, args_, arena, result);
}

tenon_error *kinds_all_same_doubles(kinds *self, kinds_list_f64 value_, tenon_arena *arena,
                                    kinds_list_f64 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 19, args_, arena, result);
}

tenon_error *kinds_all_same_chars(kinds *self, kinds_list_char value_, tenon_arena *arena,
                                  kinds_list_char *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 20, args_, arena, result);
}

tenon_error *kinds_all_same_strings(kinds *self, kinds_list_string value_, tenon_arena *arena,
                                    kinds_list_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 21, args_, arena, result);
}

tenon_error *kinds_all_same_words(kinds *self, kinds_all_words value_, tenon_arena *arena,
                                  kinds_all_words *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 22, args_, arena, result);
}

tenon_error *kinds_all_same_deep(kinds *self, kinds_list_list_string value_, tenon_arena *arena,
                                 kinds_list_list_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 23, args_, arena, result);
}

tenon_error *kinds_all_same_blobs(kinds *self, kinds_list_list_u8 value_, tenon_arena *arena,
                                  kinds_list_list_u8 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 24, args_, arena, result);
}

tenon_error *kinds_all_same_quad(kinds *self, const kinds_array4_u8 *value_,
                                 kinds_array4_u8 *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 25, args_, NULL, result);
}

tenon_error *kinds_all_same_twins(kinds *self, const kinds_array2_string *value_,
                                  tenon_arena *arena, kinds_array2_string *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 26, args_, arena, result);
}

tenon_error *kinds_all_same_map(kinds *self, kinds_map_string_u32 value_, tenon_arena *arena,
                                kinds_map_string_u32 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 27, args_, arena, result);
}

tenon_error *kinds_all_same_option(kinds *self, const kinds_option_string *value_,
                                   tenon_arena *arena, kinds_option_string *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 28, args_, arena, result);
}

tenon_error *kinds_all_same_options(kinds *self, const kinds_option_option_u32 *value_,
                                    kinds_option_option_u32 *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 29, args_, NULL, result);
}

tenon_error *kinds_all_same_result(kinds *self, const kinds_result_list_u8_string *value_,
                                   tenon_arena *arena, kinds_result_list_u8_string *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 30, args_, arena, result);
}

tenon_error *kinds_all_same_fine(kinds *self, const kinds_result_string_void *value_,
                                 tenon_arena *arena, kinds_result_string_void *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 31, args_, arena, result);
}

tenon_error *kinds_all_same_bad(kinds *self, const kinds_result_void_all_color *value_,
                                kinds_result_void_all_color *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 32, args_, NULL, result);
}

tenon_error *kinds_all_same_outcome(kinds *self, const kinds_result_void_void *value_,
                                    kinds_result_void_void *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 33, args_, NULL, result);
}

tenon_error *kinds_all_same_tuple(kinds *self,
                                  const kinds_tuple4_string_s8_list_u16_option_char *value_,
                                  tenon_arena *arena,
                                  kinds_tuple4_string_s8_list_u16_option_char *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 34, args_, arena, result);
}

tenon_error *kinds_all_same_item(kinds *self, const kinds_all_item *value_, tenon_arena *arena,
                                 kinds_all_item *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 35, args_, arena, result);
}

tenon_error *kinds_all_same_shape(kinds *self, const kinds_all_shape *value_,
                                  tenon_arena *arena, kinds_all_shape *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 36, args_, arena, result);
}

tenon_error *kinds_all_same_color(kinds *self, kinds_all_color value_, kinds_all_color *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 37), flat_, 1, &number_);
  if (result != NULL) *result = (kinds_all_color)number_;
  return error_;
}

tenon_error *kinds_all_same_colors(kinds *self, kinds_list_all_color value_, tenon_arena *arena,
                                   kinds_list_all_color *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 38, args_, arena, result);
}

tenon_error *kinds_all_same_access(kinds *self, kinds_all_access value_,
                                   kinds_all_access *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 39), flat_, 1, &number_);
  if (result != NULL) *result = (kinds_all_access)number_;
  return error_;
}

tenon_error *kinds_all_same_pair(kinds *self, const kinds_all_pair *value_, tenon_arena *arena,
                                 kinds_all_pair *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 40, args_, arena, result);
}

void kinds_nodes_node_delete(kinds_nodes_node *handle) {
  tenon_resource_delete((tenon_resource *)handle);
}

tenon_error *kinds_nodes_node_new(kinds *self, uint32_t value_, kinds_nodes_node **result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 41, args_, NULL, result);
}

tenon_error *kinds_nodes_node_try_make(kinds *self, uint32_t value_, tenon_arena *arena,
                                       kinds_result_nodes_node_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 42, args_, arena, result);
}

tenon_error *kinds_nodes_turn(kinds *self, kinds_list_nodes_node all, tenon_arena *arena,
                              kinds_list_nodes_node *result) {
  const void *const args_[] = {&all};
  return tenon_c_call((tenon_c_found *)self, 43, args_, arena, result);
}

tenon_error *kinds_nodes_unwrap(kinds *self, const kinds_nodes_holder *holder,
                                tenon_arena *arena,
                                kinds_result_tuple2_string_nodes_node_nodes_holder *result) {
  const void *const args_[] = {holder};
  return tenon_c_call((tenon_c_found *)self, 44, args_, arena, result);
}

tenon_error *kinds_nodes_alive(kinds *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 45), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *kinds_nodes_node_paint(kinds *self, kinds_nodes_node *node, kinds_all_color color) {
  const void *const args_[] = {&node, &color};
  return tenon_c_call((tenon_c_found *)self, 46, args_, NULL, NULL);
}

tenon_error *kinds_nodes_node_color(kinds *self, kinds_nodes_node *node,
                                    kinds_all_color *result) {
  const void *const args_[] = {&node};
  return tenon_c_call((tenon_c_found *)self, 47, args_, NULL, result);
}

tenon_error *kinds_nodes_node_value(kinds *self, kinds_nodes_node *node, uint32_t *result) {
  const void *const args_[] = {&node};
  return tenon_c_call((tenon_c_found *)self, 48, args_, NULL, result);
}

tenon_error *kinds_nodes_node_join(kinds *self, kinds_nodes_node *node,
                                   kinds_list_nodes_node others, uint32_t *result) {
  const void *const args_[] = {&node, &others};
  return tenon_c_call((tenon_c_found *)self, 49, args_, NULL, result);
}

kinds *kinds_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user) {
  return (struct kinds *)tenon_c_find(from, NULL, called_, 50, report, user);
}

kinds *kinds_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user) {
  return (struct kinds *)tenon_c_find(NULL, from, called_, 50, report, user);
}

void kinds_delete(kinds *self) {
  tenon_c_found_delete((tenon_c_found *)self, 50);
}
