/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "values.h"

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
static const tenon_c_type type_23_ = {TENON_LIST, false, 4, sizeof(values_array4_u8), 1, parts_23_};
static const tenon_c_part parts_24_[] = {
    {"", &type_12_, 0}};
static const tenon_c_type type_24_ = {TENON_LIST, false, 2, sizeof(values_array2_string), 1, parts_24_};
static const tenon_c_part parts_25_[] = {
    {"key", &type_12_, offsetof(values_entry_string_u32, key)},
    {"value", &type_6_, offsetof(values_entry_string_u32, value)}};
static const tenon_c_type type_25_ = {TENON_RECORD, false, 0, sizeof(values_entry_string_u32), 2, parts_25_};
static const tenon_c_part parts_26_[] = {
    {"", &type_25_, 0}};
static const tenon_c_type type_26_ = {TENON_MAP, false, 0, sizeof(tenon_c_list), 1, parts_26_};
static const tenon_c_part parts_27_[] = {
    {"none", NULL, 0},
    {"some", &type_12_, offsetof(values_option_string, value)}};
static const tenon_c_type type_27_ = {TENON_OPTION, false, 0, sizeof(values_option_string), 2, parts_27_};
static const tenon_c_part parts_28_[] = {
    {"none", NULL, 0},
    {"some", &type_6_, offsetof(values_option_u32, value)}};
static const tenon_c_type type_28_ = {TENON_OPTION, false, 0, sizeof(values_option_u32), 2, parts_28_};
static const tenon_c_part parts_29_[] = {
    {"none", NULL, 0},
    {"some", &type_28_, offsetof(values_option_option_u32, value)}};
static const tenon_c_type type_29_ = {TENON_OPTION, false, 0, sizeof(values_option_option_u32), 2, parts_29_};
static const tenon_c_part parts_30_[] = {
    {"ok", &type_14_, offsetof(values_result_list_u8_string, of)},
    {"err", &type_12_, offsetof(values_result_list_u8_string, of)}};
static const tenon_c_type type_30_ = {TENON_RESULT, false, 0, sizeof(values_result_list_u8_string), 2, parts_30_};
static const tenon_c_part parts_31_[] = {
    {"ok", &type_12_, offsetof(values_result_string_void, of)},
    {"err", NULL, 0}};
static const tenon_c_type type_31_ = {TENON_RESULT, false, 0, sizeof(values_result_string_void), 2, parts_31_};
static const tenon_c_part parts_32_[] = {
    {"red", NULL, 0},
    {"green", NULL, 0},
    {"blue", NULL, 0}};
static const tenon_c_type type_32_ = {TENON_ENUM, false, 0, sizeof(values_all_color), 3, parts_32_};
static const tenon_c_part parts_33_[] = {
    {"ok", NULL, 0},
    {"err", &type_32_, offsetof(values_result_void_all_color, of)}};
static const tenon_c_type type_33_ = {TENON_RESULT, false, 0, sizeof(values_result_void_all_color), 2, parts_33_};
static const tenon_c_part parts_34_[] = {
    {"ok", NULL, 0},
    {"err", NULL, 0}};
static const tenon_c_type type_34_ = {TENON_RESULT, false, 0, sizeof(values_result_void_void), 2, parts_34_};
static const tenon_c_part parts_35_[] = {
    {"", &type_4_, 0}};
static const tenon_c_type type_35_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_35_};
static const tenon_c_part parts_36_[] = {
    {"none", NULL, 0},
    {"some", &type_11_, offsetof(values_option_char, value)}};
static const tenon_c_type type_36_ = {TENON_OPTION, false, 0, sizeof(values_option_char), 2, parts_36_};
static const tenon_c_part parts_37_[] = {
    {"", &type_12_, offsetof(values_tuple4_string_s8_list_u16_option_char, f0)},
    {"", &type_1_, offsetof(values_tuple4_string_s8_list_u16_option_char, f1)},
    {"", &type_35_, offsetof(values_tuple4_string_s8_list_u16_option_char, f2)},
    {"", &type_36_, offsetof(values_tuple4_string_s8_list_u16_option_char, f3)}};
static const tenon_c_type type_37_ = {TENON_TUPLE, false, 0, sizeof(values_tuple4_string_s8_list_u16_option_char), 4, parts_37_};
static const tenon_c_part parts_38_[] = {
    {"none", NULL, 0},
    {"some", &type_10_, offsetof(values_option_f64, value)}};
static const tenon_c_type type_38_ = {TENON_OPTION, false, 0, sizeof(values_option_f64), 2, parts_38_};
static const tenon_c_part parts_39_[] = {
    {"name", &type_12_, offsetof(values_all_item, name)},
    {"price", &type_38_, offsetof(values_all_item, price)},
    {"tags", &type_20_, offsetof(values_all_item, tags)},
    {"blob", &type_14_, offsetof(values_all_item, blob)},
    {"flags", &type_13_, offsetof(values_all_item, flags)}};
static const tenon_c_type type_39_ = {TENON_RECORD, false, 0, sizeof(values_all_item), 5, parts_39_};
static const tenon_c_part parts_40_[] = {
    {"", &type_39_, 0}};
static const tenon_c_type type_40_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_40_};
static const tenon_c_part parts_41_[] = {
    {"empty", NULL, 0},
    {"number", &type_10_, offsetof(values_all_shape, of)},
    {"text", &type_12_, offsetof(values_all_shape, of)},
    {"other-text", &type_12_, offsetof(values_all_shape, of)},
    {"items", &type_40_, offsetof(values_all_shape, of)},
    {"letter", &type_11_, offsetof(values_all_shape, of)}};
static const tenon_c_type type_41_ = {TENON_VARIANT, false, 0, sizeof(values_all_shape), 6, parts_41_};
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
static const tenon_c_type type_43_ = {TENON_FLAGS, false, 0, sizeof(values_all_access), 32, parts_43_};
static const tenon_c_part parts_44_[] = {
    {"", &type_32_, offsetof(values_tuple2_all_color_all_access, f0)},
    {"", &type_43_, offsetof(values_tuple2_all_color_all_access, f1)}};
static const tenon_c_type type_44_ = {TENON_TUPLE, false, 0, sizeof(values_tuple2_all_color_all_access), 2, parts_44_};
static const tenon_c_part parts_45_[] = {
    {"left", &type_41_, offsetof(values_all_pair, left)},
    {"right", &type_44_, offsetof(values_all_pair, right)}};
static const tenon_c_type type_45_ = {TENON_RECORD, false, 0, sizeof(values_all_pair), 2, parts_45_};
static const tenon_c_part parts_46_[] = {
    {"red", NULL, 0},
    {"green", NULL, 0},
    {"blue", NULL, 0}};
static const tenon_c_type type_46_ = {TENON_ENUM, false, 0, sizeof(values_exports_all_color), 3, parts_46_};
static const tenon_c_part parts_47_[] = {
    {"ok", NULL, 0},
    {"err", &type_46_, offsetof(values_result_void_exports_all_color, of)}};
static const tenon_c_type type_47_ = {TENON_RESULT, false, 0, sizeof(values_result_void_exports_all_color), 2, parts_47_};
static const tenon_c_part parts_48_[] = {
    {"name", &type_12_, offsetof(values_exports_all_item, name)},
    {"price", &type_38_, offsetof(values_exports_all_item, price)},
    {"tags", &type_20_, offsetof(values_exports_all_item, tags)},
    {"blob", &type_14_, offsetof(values_exports_all_item, blob)},
    {"flags", &type_13_, offsetof(values_exports_all_item, flags)}};
static const tenon_c_type type_48_ = {TENON_RECORD, false, 0, sizeof(values_exports_all_item), 5, parts_48_};
static const tenon_c_part parts_49_[] = {
    {"", &type_48_, 0}};
static const tenon_c_type type_49_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_49_};
static const tenon_c_part parts_50_[] = {
    {"empty", NULL, 0},
    {"number", &type_10_, offsetof(values_exports_all_shape, of)},
    {"text", &type_12_, offsetof(values_exports_all_shape, of)},
    {"other-text", &type_12_, offsetof(values_exports_all_shape, of)},
    {"items", &type_49_, offsetof(values_exports_all_shape, of)},
    {"letter", &type_11_, offsetof(values_exports_all_shape, of)}};
static const tenon_c_type type_50_ = {TENON_VARIANT, false, 0, sizeof(values_exports_all_shape), 6, parts_50_};
static const tenon_c_part parts_51_[] = {
    {"", &type_46_, 0}};
static const tenon_c_type type_51_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_51_};
static const tenon_c_part parts_52_[] = {
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
static const tenon_c_type type_52_ = {TENON_FLAGS, false, 0, sizeof(values_exports_all_access), 32, parts_52_};
static const tenon_c_part parts_53_[] = {
    {"", &type_46_, offsetof(values_tuple2_exports_all_color_exports_all_access, f0)},
    {"", &type_52_, offsetof(values_tuple2_exports_all_color_exports_all_access, f1)}};
static const tenon_c_type type_53_ = {TENON_TUPLE, false, 0, sizeof(values_tuple2_exports_all_color_exports_all_access), 2, parts_53_};
static const tenon_c_part parts_54_[] = {
    {"left", &type_50_, offsetof(values_exports_all_pair, left)},
    {"right", &type_53_, offsetof(values_exports_all_pair, right)}};
static const tenon_c_type type_54_ = {TENON_RECORD, false, 0, sizeof(values_exports_all_pair), 2, parts_54_};
static const tenon_c_part provided_params_0_[] = {
    {"value", &type_0_, 0}};
static const tenon_c_part provided_params_1_[] = {
    {"value", &type_1_, 0}};
static const tenon_c_part provided_params_2_[] = {
    {"value", &type_2_, 0}};
static const tenon_c_part provided_params_3_[] = {
    {"value", &type_3_, 0}};
static const tenon_c_part provided_params_4_[] = {
    {"value", &type_4_, 0}};
static const tenon_c_part provided_params_5_[] = {
    {"value", &type_5_, 0}};
static const tenon_c_part provided_params_6_[] = {
    {"value", &type_6_, 0}};
static const tenon_c_part provided_params_7_[] = {
    {"value", &type_7_, 0}};
static const tenon_c_part provided_params_8_[] = {
    {"value", &type_8_, 0}};
static const tenon_c_part provided_params_9_[] = {
    {"value", &type_9_, 0}};
static const tenon_c_part provided_params_10_[] = {
    {"value", &type_10_, 0}};
static const tenon_c_part provided_params_11_[] = {
    {"value", &type_11_, 0}};
static const tenon_c_part provided_params_12_[] = {
    {"value", &type_12_, 0}};
static const tenon_c_part provided_params_13_[] = {
    {"value", &type_8_, 0}};
static const tenon_c_part provided_params_14_[] = {
    {"value", &type_13_, 0}};
static const tenon_c_part provided_params_15_[] = {
    {"value", &type_14_, 0}};
static const tenon_c_part provided_params_16_[] = {
    {"value", &type_15_, 0}};
static const tenon_c_part provided_params_17_[] = {
    {"value", &type_16_, 0}};
static const tenon_c_part provided_params_18_[] = {
    {"value", &type_17_, 0}};
static const tenon_c_part provided_params_19_[] = {
    {"value", &type_18_, 0}};
static const tenon_c_part provided_params_20_[] = {
    {"value", &type_19_, 0}};
static const tenon_c_part provided_params_21_[] = {
    {"value", &type_20_, 0}};
static const tenon_c_part provided_params_22_[] = {
    {"value", &type_20_, 0}};
static const tenon_c_part provided_params_23_[] = {
    {"value", &type_21_, 0}};
static const tenon_c_part provided_params_24_[] = {
    {"value", &type_22_, 0}};
static const tenon_c_part provided_params_25_[] = {
    {"value", &type_23_, 0}};
static const tenon_c_part provided_params_26_[] = {
    {"value", &type_24_, 0}};
static const tenon_c_part provided_params_27_[] = {
    {"value", &type_26_, 0}};
static const tenon_c_part provided_params_28_[] = {
    {"value", &type_27_, 0}};
static const tenon_c_part provided_params_29_[] = {
    {"value", &type_29_, 0}};
static const tenon_c_part provided_params_30_[] = {
    {"value", &type_30_, 0}};
static const tenon_c_part provided_params_31_[] = {
    {"value", &type_31_, 0}};
static const tenon_c_part provided_params_32_[] = {
    {"value", &type_33_, 0}};
static const tenon_c_part provided_params_33_[] = {
    {"value", &type_34_, 0}};
static const tenon_c_part provided_params_34_[] = {
    {"value", &type_37_, 0}};
static const tenon_c_part provided_params_35_[] = {
    {"value", &type_39_, 0}};
static const tenon_c_part provided_params_36_[] = {
    {"value", &type_41_, 0}};
static const tenon_c_part provided_params_37_[] = {
    {"value", &type_32_, 0}};
static const tenon_c_part provided_params_38_[] = {
    {"value", &type_42_, 0}};
static const tenon_c_part provided_params_39_[] = {
    {"value", &type_43_, 0}};
static const tenon_c_part provided_params_40_[] = {
    {"value", &type_45_, 0}};
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
    {"value", &type_47_, 0}};
static const tenon_c_part called_params_33_[] = {
    {"value", &type_34_, 0}};
static const tenon_c_part called_params_34_[] = {
    {"value", &type_37_, 0}};
static const tenon_c_part called_params_35_[] = {
    {"value", &type_48_, 0}};
static const tenon_c_part called_params_36_[] = {
    {"value", &type_50_, 0}};
static const tenon_c_part called_params_37_[] = {
    {"value", &type_46_, 0}};
static const tenon_c_part called_params_38_[] = {
    {"value", &type_51_, 0}};
static const tenon_c_part called_params_39_[] = {
    {"value", &type_52_, 0}};
static const tenon_c_part called_params_40_[] = {
    {"value", &type_54_, 0}};
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
    {"demo:kinds/all@1.0.0", "same-bad", called_params_32_, 1, &type_47_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-outcome", called_params_33_, 1, &type_34_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-tuple", called_params_34_, 1, &type_37_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-item", called_params_35_, 1, &type_48_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-shape", called_params_36_, 1, &type_50_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-color", called_params_37_, 1, &type_46_, 0},
    {"demo:kinds/all@1.0.0", "same-colors", called_params_38_, 1, &type_51_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-access", called_params_39_, 1, &type_52_, 0},
    {"demo:kinds/all@1.0.0", "same-pair", called_params_40_, 1, &type_54_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS}};
static const tenon_c_function provided_[] = {
    {"demo:kinds/all@1.0.0", "same-bool", provided_params_0_, 1, &type_0_, 0},
    {"demo:kinds/all@1.0.0", "same-s8", provided_params_1_, 1, &type_1_, 0},
    {"demo:kinds/all@1.0.0", "same-u8", provided_params_2_, 1, &type_2_, 0},
    {"demo:kinds/all@1.0.0", "same-s16", provided_params_3_, 1, &type_3_, 0},
    {"demo:kinds/all@1.0.0", "same-u16", provided_params_4_, 1, &type_4_, 0},
    {"demo:kinds/all@1.0.0", "same-s32", provided_params_5_, 1, &type_5_, 0},
    {"demo:kinds/all@1.0.0", "same-u32", provided_params_6_, 1, &type_6_, 0},
    {"demo:kinds/all@1.0.0", "same-s64", provided_params_7_, 1, &type_7_, 0},
    {"demo:kinds/all@1.0.0", "same-u64", provided_params_8_, 1, &type_8_, 0},
    {"demo:kinds/all@1.0.0", "same-f32", provided_params_9_, 1, &type_9_, 0},
    {"demo:kinds/all@1.0.0", "same-f64", provided_params_10_, 1, &type_10_, 0},
    {"demo:kinds/all@1.0.0", "same-char", provided_params_11_, 1, &type_11_, 0},
    {"demo:kinds/all@1.0.0", "same-string", provided_params_12_, 1, &type_12_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-id", provided_params_13_, 1, &type_8_, 0},
    {"demo:kinds/all@1.0.0", "same-bools", provided_params_14_, 1, &type_13_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-bytes", provided_params_15_, 1, &type_14_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-shorts", provided_params_16_, 1, &type_15_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-longs", provided_params_17_, 1, &type_16_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-floats", provided_params_18_, 1, &type_17_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-doubles", provided_params_19_, 1, &type_18_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-chars", provided_params_20_, 1, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-strings", provided_params_21_, 1, &type_20_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-words", provided_params_22_, 1, &type_20_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-deep", provided_params_23_, 1, &type_21_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-blobs", provided_params_24_, 1, &type_22_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-quad", provided_params_25_, 1, &type_23_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-twins", provided_params_26_, 1, &type_24_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-map", provided_params_27_, 1, &type_26_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-option", provided_params_28_, 1, &type_27_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-options", provided_params_29_, 1, &type_29_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-result", provided_params_30_, 1, &type_30_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-fine", provided_params_31_, 1, &type_31_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-bad", provided_params_32_, 1, &type_33_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-outcome", provided_params_33_, 1, &type_34_, TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-tuple", provided_params_34_, 1, &type_37_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-item", provided_params_35_, 1, &type_39_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-shape", provided_params_36_, 1, &type_41_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-color", provided_params_37_, 1, &type_32_, 0},
    {"demo:kinds/all@1.0.0", "same-colors", provided_params_38_, 1, &type_42_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:kinds/all@1.0.0", "same-access", provided_params_39_, 1, &type_43_, 0},
    {"demo:kinds/all@1.0.0", "same-pair", provided_params_40_, 1, &type_45_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS}};

struct values_all_provided_ {
  tenon_c_provided base;
  values_all_functions functions;
};

static int32_t values_all_same_bool_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  bool value;
  void *const places_[] = {&value};
  bool value_;
  if (tenon_c_read_args(&provided_[0], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_bool)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[0], call, &value_, result);
}

static int32_t values_all_same_s8_(void *self, tenon_call *call, const tenon_value *args,
                                   size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  int8_t value;
  void *const places_[] = {&value};
  int8_t value_;
  if (tenon_c_read_args(&provided_[1], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_s8)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[1], call, &value_, result);
}

static int32_t values_all_same_u8_(void *self, tenon_call *call, const tenon_value *args,
                                   size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  uint8_t value;
  void *const places_[] = {&value};
  uint8_t value_;
  if (tenon_c_read_args(&provided_[2], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_u8)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[2], call, &value_, result);
}

static int32_t values_all_same_s16_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  int16_t value;
  void *const places_[] = {&value};
  int16_t value_;
  if (tenon_c_read_args(&provided_[3], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_s16)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[3], call, &value_, result);
}

static int32_t values_all_same_u16_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  uint16_t value;
  void *const places_[] = {&value};
  uint16_t value_;
  if (tenon_c_read_args(&provided_[4], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_u16)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[4], call, &value_, result);
}

static int32_t values_all_same_s32_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  int32_t value;
  void *const places_[] = {&value};
  int32_t value_;
  if (tenon_c_read_args(&provided_[5], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_s32)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[5], call, &value_, result);
}

static int32_t values_all_same_u32_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  uint32_t value;
  void *const places_[] = {&value};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[6], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_u32)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[6], call, &value_, result);
}

static int32_t values_all_same_s64_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  int64_t value;
  void *const places_[] = {&value};
  int64_t value_;
  if (tenon_c_read_args(&provided_[7], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_s64)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[7], call, &value_, result);
}

static int32_t values_all_same_u64_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  uint64_t value;
  void *const places_[] = {&value};
  uint64_t value_;
  if (tenon_c_read_args(&provided_[8], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_u64)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[8], call, &value_, result);
}

static int32_t values_all_same_f32_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  float value;
  void *const places_[] = {&value};
  float value_;
  if (tenon_c_read_args(&provided_[9], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_f32)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[9], call, &value_, result);
}

static int32_t values_all_same_f64_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  double value;
  void *const places_[] = {&value};
  double value_;
  if (tenon_c_read_args(&provided_[10], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_f64)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[10], call, &value_, result);
}

static int32_t values_all_same_char_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  uint32_t value;
  void *const places_[] = {&value};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[11], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_char)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[11], call, &value_, result);
}

static int32_t values_all_same_string_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  tenon_string value;
  void *const places_[] = {&value};
  tenon_string value_;
  if (tenon_c_read_args(&provided_[12], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_string)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[12], call, &value_, result);
}

static int32_t values_all_same_id_(void *self, tenon_call *call, const tenon_value *args,
                                   size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_id value;
  void *const places_[] = {&value};
  values_all_id value_;
  if (tenon_c_read_args(&provided_[13], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_id)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[13], call, &value_, result);
}

static int32_t values_all_same_bools_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_bool value;
  void *const places_[] = {&value};
  values_list_bool value_;
  if (tenon_c_read_args(&provided_[14], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_bools)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[14], call, &value_, result);
}

static int32_t values_all_same_bytes_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_u8 value;
  void *const places_[] = {&value};
  values_list_u8 value_;
  if (tenon_c_read_args(&provided_[15], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_bytes)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[15], call, &value_, result);
}

static int32_t values_all_same_shorts_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_s16 value;
  void *const places_[] = {&value};
  values_list_s16 value_;
  if (tenon_c_read_args(&provided_[16], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_shorts)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[16], call, &value_, result);
}

static int32_t values_all_same_longs_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_u64 value;
  void *const places_[] = {&value};
  values_list_u64 value_;
  if (tenon_c_read_args(&provided_[17], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_longs)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[17], call, &value_, result);
}

static int32_t values_all_same_floats_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_f32 value;
  void *const places_[] = {&value};
  values_list_f32 value_;
  if (tenon_c_read_args(&provided_[18], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_floats)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[18], call, &value_, result);
}

static int32_t values_all_same_doubles_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_f64 value;
  void *const places_[] = {&value};
  values_list_f64 value_;
  if (tenon_c_read_args(&provided_[19], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_doubles)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[19], call, &value_, result);
}

static int32_t values_all_same_chars_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_char value;
  void *const places_[] = {&value};
  values_list_char value_;
  if (tenon_c_read_args(&provided_[20], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_chars)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[20], call, &value_, result);
}

static int32_t values_all_same_strings_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_string value;
  void *const places_[] = {&value};
  values_list_string value_;
  if (tenon_c_read_args(&provided_[21], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_strings)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[21], call, &value_, result);
}

static int32_t values_all_same_words_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_words value;
  void *const places_[] = {&value};
  values_all_words value_;
  if (tenon_c_read_args(&provided_[22], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_words)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[22], call, &value_, result);
}

static int32_t values_all_same_deep_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_list_string value;
  void *const places_[] = {&value};
  values_list_list_string value_;
  if (tenon_c_read_args(&provided_[23], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_deep)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[23], call, &value_, result);
}

static int32_t values_all_same_blobs_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_list_u8 value;
  void *const places_[] = {&value};
  values_list_list_u8 value_;
  if (tenon_c_read_args(&provided_[24], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_blobs)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[24], call, &value_, result);
}

static int32_t values_all_same_quad_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_array4_u8 value;
  void *const places_[] = {&value};
  values_array4_u8 value_;
  if (tenon_c_read_args(&provided_[25], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_quad)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[25], call, &value_, result);
}

static int32_t values_all_same_twins_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_array2_string value;
  void *const places_[] = {&value};
  values_array2_string value_;
  if (tenon_c_read_args(&provided_[26], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_twins)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[26], call, &value_, result);
}

static int32_t values_all_same_map_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_map_string_u32 value;
  void *const places_[] = {&value};
  values_map_string_u32 value_;
  if (tenon_c_read_args(&provided_[27], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_map)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[27], call, &value_, result);
}

static int32_t values_all_same_option_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_option_string value;
  void *const places_[] = {&value};
  values_option_string value_;
  if (tenon_c_read_args(&provided_[28], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_option)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[28], call, &value_, result);
}

static int32_t values_all_same_options_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_option_option_u32 value;
  void *const places_[] = {&value};
  values_option_option_u32 value_;
  if (tenon_c_read_args(&provided_[29], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_options)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[29], call, &value_, result);
}

static int32_t values_all_same_result_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_result_list_u8_string value;
  void *const places_[] = {&value};
  values_result_list_u8_string value_;
  if (tenon_c_read_args(&provided_[30], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_result)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[30], call, &value_, result);
}

static int32_t values_all_same_fine_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_result_string_void value;
  void *const places_[] = {&value};
  values_result_string_void value_;
  if (tenon_c_read_args(&provided_[31], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_fine)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[31], call, &value_, result);
}

static int32_t values_all_same_bad_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_result_void_all_color value;
  void *const places_[] = {&value};
  values_result_void_all_color value_;
  if (tenon_c_read_args(&provided_[32], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_bad)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[32], call, &value_, result);
}

static int32_t values_all_same_outcome_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_result_void_void value;
  void *const places_[] = {&value};
  values_result_void_void value_;
  if (tenon_c_read_args(&provided_[33], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_outcome)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[33], call, &value_, result);
}

static int32_t values_all_same_tuple_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_tuple4_string_s8_list_u16_option_char value;
  void *const places_[] = {&value};
  values_tuple4_string_s8_list_u16_option_char value_;
  if (tenon_c_read_args(&provided_[34], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_tuple)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[34], call, &value_, result);
}

static int32_t values_all_same_item_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_item value;
  void *const places_[] = {&value};
  values_all_item value_;
  if (tenon_c_read_args(&provided_[35], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_item)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[35], call, &value_, result);
}

static int32_t values_all_same_shape_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_shape value;
  void *const places_[] = {&value};
  values_all_shape value_;
  if (tenon_c_read_args(&provided_[36], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_shape)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[36], call, &value_, result);
}

static int32_t values_all_same_color_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_color value;
  void *const places_[] = {&value};
  values_all_color value_;
  if (tenon_c_read_args(&provided_[37], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_color)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[37], call, &value_, result);
}

static int32_t values_all_same_colors_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_list_all_color value;
  void *const places_[] = {&value};
  values_list_all_color value_;
  if (tenon_c_read_args(&provided_[38], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_colors)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[38], call, &value_, result);
}

static int32_t values_all_same_access_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_access value;
  void *const places_[] = {&value};
  values_all_access value_;
  if (tenon_c_read_args(&provided_[39], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_access)(to_->base.user, call, value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[39], call, &value_, result);
}

static int32_t values_all_same_pair_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct values_all_provided_ *const to_ = (const struct values_all_provided_ *)self;
  values_all_pair value;
  void *const places_[] = {&value};
  values_all_pair value_;
  if (tenon_c_read_args(&provided_[40], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.same_pair)(to_->base.user, call, &value, &value_) != 0) return 1;
  return tenon_c_return(&provided_[40], call, &value_, result);
}

void values_all_provide(tenon_builder *builder, const values_all_functions *functions,
                        void *user, void (*drop)(void *user)) {
  struct values_all_provided_ *const to_ = (struct values_all_provided_ *)tenon_c_provide(builder, sizeof(struct values_all_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[0], functions->same_bool != NULL ? values_all_same_bool_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[1], functions->same_s8 != NULL ? values_all_same_s8_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[2], functions->same_u8 != NULL ? values_all_same_u8_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[3], functions->same_s16 != NULL ? values_all_same_s16_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[4], functions->same_u16 != NULL ? values_all_same_u16_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[5], functions->same_s32 != NULL ? values_all_same_s32_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[6], functions->same_u32 != NULL ? values_all_same_u32_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[7], functions->same_s64 != NULL ? values_all_same_s64_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[8], functions->same_u64 != NULL ? values_all_same_u64_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[9], functions->same_f32 != NULL ? values_all_same_f32_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[10], functions->same_f64 != NULL ? values_all_same_f64_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[11], functions->same_char != NULL ? values_all_same_char_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[12], functions->same_string != NULL ? values_all_same_string_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[13], functions->same_id != NULL ? values_all_same_id_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[14], functions->same_bools != NULL ? values_all_same_bools_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[15], functions->same_bytes != NULL ? values_all_same_bytes_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[16], functions->same_shorts != NULL ? values_all_same_shorts_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[17], functions->same_longs != NULL ? values_all_same_longs_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[18], functions->same_floats != NULL ? values_all_same_floats_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[19], functions->same_doubles != NULL ? values_all_same_doubles_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[20], functions->same_chars != NULL ? values_all_same_chars_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[21], functions->same_strings != NULL ? values_all_same_strings_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[22], functions->same_words != NULL ? values_all_same_words_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[23], functions->same_deep != NULL ? values_all_same_deep_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[24], functions->same_blobs != NULL ? values_all_same_blobs_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[25], functions->same_quad != NULL ? values_all_same_quad_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[26], functions->same_twins != NULL ? values_all_same_twins_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[27], functions->same_map != NULL ? values_all_same_map_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[28], functions->same_option != NULL ? values_all_same_option_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[29], functions->same_options != NULL ? values_all_same_options_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[30], functions->same_result != NULL ? values_all_same_result_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[31], functions->same_fine != NULL ? values_all_same_fine_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[32], functions->same_bad != NULL ? values_all_same_bad_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[33], functions->same_outcome != NULL ? values_all_same_outcome_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[34], functions->same_tuple != NULL ? values_all_same_tuple_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[35], functions->same_item != NULL ? values_all_same_item_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[36], functions->same_shape != NULL ? values_all_same_shape_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[37], functions->same_color != NULL ? values_all_same_color_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[38], functions->same_colors != NULL ? values_all_same_colors_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[39], functions->same_access != NULL ? values_all_same_access_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[40], functions->same_pair != NULL ? values_all_same_pair_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

tenon_error *values_exports_all_same_bool(values *self, bool value_, bool *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 0), flat_, 1, &number_);
  if (result != NULL) *result = number_ != 0;
  return error_;
}

tenon_error *values_exports_all_same_s8(values *self, int8_t value_, int8_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 1), flat_, 1, &number_);
  if (result != NULL) *result = (int8_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_u8(values *self, uint8_t value_, uint8_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 2), flat_, 1, &number_);
  if (result != NULL) *result = (uint8_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_s16(values *self, int16_t value_, int16_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 3), flat_, 1, &number_);
  if (result != NULL) *result = (int16_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_u16(values *self, uint16_t value_, uint16_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 4), flat_, 1, &number_);
  if (result != NULL) *result = (uint16_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_s32(values *self, int32_t value_, int32_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 5), flat_, 1, &number_);
  if (result != NULL) *result = (int32_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_u32(values *self, uint32_t value_, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 6), flat_, 1, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_s64(values *self, int64_t value_, int64_t *result) {
  const uint64_t flat_[] = {(uint64_t)(int64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 7), flat_, 1, &number_);
  if (result != NULL) *result = (int64_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_u64(values *self, uint64_t value_, uint64_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 8), flat_, 1, &number_);
  if (result != NULL) *result = (uint64_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_f32(values *self, float value_, float *result) {
  const uint64_t flat_[] = {tenon_c_bits_of_f32(value_)};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 9), flat_, 1, &number_);
  if (result != NULL) *result = tenon_c_f32_of_bits(number_);
  return error_;
}

tenon_error *values_exports_all_same_f64(values *self, double value_, double *result) {
  const uint64_t flat_[] = {tenon_c_bits_of_f64(value_)};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 10), flat_, 1, &number_);
  if (result != NULL) *result = tenon_c_f64_of_bits(number_);
  return error_;
}

tenon_error *values_exports_all_same_char(values *self, uint32_t value_, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 11), flat_, 1, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *values_exports_all_same_string(values *self, tenon_string value_,
                                            tenon_arena *arena, tenon_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 12, args_, arena, result);
}

tenon_error *values_exports_all_same_id(values *self, values_exports_all_id value_,
                                        values_exports_all_id *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 13), flat_, 1, &number_);
  if (result != NULL) *result = (values_exports_all_id)number_;
  return error_;
}

tenon_error *values_exports_all_same_bools(values *self, values_list_bool value_,
                                           tenon_arena *arena, values_list_bool *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 14, args_, arena, result);
}

tenon_error *values_exports_all_same_bytes(values *self, values_list_u8 value_,
                                           tenon_arena *arena, values_list_u8 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 15, args_, arena, result);
}

tenon_error *values_exports_all_same_shorts(values *self, values_list_s16 value_,
                                            tenon_arena *arena, values_list_s16 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 16, args_, arena, result);
}

tenon_error *values_exports_all_same_longs(values *self, values_list_u64 value_,
                                           tenon_arena *arena, values_list_u64 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 17, args_, arena, result);
}

tenon_error *values_exports_all_same_floats(values *self, values_list_f32 value_,
                                            tenon_arena *arena, values_list_f32 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 18, args_, arena, result);
}

tenon_error *values_exports_all_same_doubles(values *self, values_list_f64 value_,
                                             tenon_arena *arena, values_list_f64 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 19, args_, arena, result);
}

tenon_error *values_exports_all_same_chars(values *self, values_list_char value_,
                                           tenon_arena *arena, values_list_char *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 20, args_, arena, result);
}

tenon_error *values_exports_all_same_strings(values *self, values_list_string value_,
                                             tenon_arena *arena, values_list_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 21, args_, arena, result);
}

tenon_error *values_exports_all_same_words(values *self, values_exports_all_words value_,
                                           tenon_arena *arena, values_exports_all_words *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 22, args_, arena, result);
}

tenon_error *values_exports_all_same_deep(values *self, values_list_list_string value_,
                                          tenon_arena *arena, values_list_list_string *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 23, args_, arena, result);
}

tenon_error *values_exports_all_same_blobs(values *self, values_list_list_u8 value_,
                                           tenon_arena *arena, values_list_list_u8 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 24, args_, arena, result);
}

tenon_error *values_exports_all_same_quad(values *self, const values_array4_u8 *value_,
                                          values_array4_u8 *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 25, args_, NULL, result);
}

tenon_error *values_exports_all_same_twins(values *self, const values_array2_string *value_,
                                           tenon_arena *arena, values_array2_string *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 26, args_, arena, result);
}

tenon_error *values_exports_all_same_map(values *self, values_map_string_u32 value_,
                                         tenon_arena *arena, values_map_string_u32 *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 27, args_, arena, result);
}

tenon_error *values_exports_all_same_option(values *self, const values_option_string *value_,
                                            tenon_arena *arena, values_option_string *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 28, args_, arena, result);
}

tenon_error *values_exports_all_same_options(values *self,
                                             const values_option_option_u32 *value_,
                                             values_option_option_u32 *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 29, args_, NULL, result);
}

tenon_error *values_exports_all_same_result(values *self,
                                            const values_result_list_u8_string *value_,
                                            tenon_arena *arena,
                                            values_result_list_u8_string *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 30, args_, arena, result);
}

tenon_error *values_exports_all_same_fine(values *self, const values_result_string_void *value_,
                                          tenon_arena *arena, values_result_string_void *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 31, args_, arena, result);
}

tenon_error *values_exports_all_same_bad(values *self,
                                         const values_result_void_exports_all_color *value_,
                                         values_result_void_exports_all_color *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 32, args_, NULL, result);
}

tenon_error *values_exports_all_same_outcome(values *self,
                                             const values_result_void_void *value_,
                                             values_result_void_void *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 33, args_, NULL, result);
}

tenon_error *values_exports_all_same_tuple(values *self,
                                           const values_tuple4_string_s8_list_u16_option_char *value_,
                                           tenon_arena *arena,
                                           values_tuple4_string_s8_list_u16_option_char *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 34, args_, arena, result);
}

tenon_error *values_exports_all_same_item(values *self, const values_exports_all_item *value_,
                                          tenon_arena *arena, values_exports_all_item *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 35, args_, arena, result);
}

tenon_error *values_exports_all_same_shape(values *self, const values_exports_all_shape *value_,
                                           tenon_arena *arena, values_exports_all_shape *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 36, args_, arena, result);
}

tenon_error *values_exports_all_same_color(values *self, values_exports_all_color value_,
                                           values_exports_all_color *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 37), flat_, 1, &number_);
  if (result != NULL) *result = (values_exports_all_color)number_;
  return error_;
}

tenon_error *values_exports_all_same_colors(values *self, values_list_exports_all_color value_,
                                            tenon_arena *arena,
                                            values_list_exports_all_color *result) {
  const void *const args_[] = {&value_};
  return tenon_c_call((tenon_c_found *)self, 38, args_, arena, result);
}

tenon_error *values_exports_all_same_access(values *self, values_exports_all_access value_,
                                            values_exports_all_access *result) {
  const uint64_t flat_[] = {(uint64_t)value_};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 39), flat_, 1, &number_);
  if (result != NULL) *result = (values_exports_all_access)number_;
  return error_;
}

tenon_error *values_exports_all_same_pair(values *self, const values_exports_all_pair *value_,
                                          tenon_arena *arena, values_exports_all_pair *result) {
  const void *const args_[] = {value_};
  return tenon_c_call((tenon_c_found *)self, 40, args_, arena, result);
}

values *values_find(tenon_composition *from, void (*report)(void *user, const char *text),
                    void *user) {
  return (struct values *)tenon_c_find(from, NULL, called_, 41, report, user);
}

values *values_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                       void *user) {
  return (struct values *)tenon_c_find(NULL, from, called_, 41, report, user);
}

void values_delete(values *self) {
  tenon_c_found_delete((tenon_c_found *)self, 41);
}
