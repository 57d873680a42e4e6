extern "C" __global__ void combine(long long *_kernel_context, unsigned char *_constant_region, unsigned char *_local_region, int *_atomics, unsigned char *x, unsigned char *y, unsigned char *G, unsigned char *states, unsigned char *scores, unsigned char *out, float factor, float scale, int ending, int H, int K, int V)
{
  unsigned long long ul_110, ul_143, ul_4, ul_5, ul_73, ul_75, ul_0, ul_96, ul_160, ul_1, ul_2, ul_98, ul_3, ul_87, ul_154; 
  long long l_107, l_72, l_142, l_108, l_140, l_109, l_141, l_70, l_71, l_152, l_153, l_94, l_158, l_95, l_159, l_93, l_157, l_86, l_151, l_84, l_85; 
  short sh_166, sh_162, sh_117, sh_113; 
  int i_18, i_19, i_16, i_17, i_14, i_15, i_12, i_13, i_26, i_27, i_24, i_25, i_22, i_23, i_20, i_21, i_226, i_227, i_224, i_225, i_222, i_223, i_220, i_221, i_228, i_83, i_81, i_90, i_66, i_67, i_64, i_65, i_62, i_63, i_60, i_61, i_69, i_50, i_51, i_48, i_49, i_46, i_47, i_44, i_45, i_58, i_59, i_56, i_57, i_54, i_55, i_52, i_53, i_35, i_30, i_28, i_29, i_42, i_43, i_40, i_41, i_39, i_36, i_37, i_146, i_147, i_144, i_145, i_150, i_148, i_149, i_130, i_131, i_128, i_129, i_126, i_127, i_124, i_125, i_138, i_139, i_136, i_137, i_134, i_132, i_133, i_114, i_115, i_122, i_123, i_120, i_121, i_118, i_119, i_116, i_92, i_106, i_104, i_210, i_208, i_206, i_204, i_218, i_219, i_216, i_190, i_191, i_188, i_189, i_202, i_203, i_200, i_201, i_198, i_196, i_197, i_178, i_179, i_176, i_177, i_174, i_175, i_172, i_173, i_186, i_187, i_184, i_185, i_182, i_183, i_180, i_181, i_163, i_156, i_170, i_171, i_168, i_169, i_167, i_164, i_165; 
  float f_88, f_89, f_155, f_97, f_161, f_100, f_99, f_102, f_101, f_103, f_74, f_76, f_78, f_77, f_80, f_112, f_79, f_111; 
  bool b_82, b_91, b_135, b_105, b_217, b_68, b_38; 
  float ul_31[4];
  float ul_32[4];
  float ul_33[4];
  float ul_34[4];
  float ul_192[4];
  float ul_193[4];
  float ul_194[4];
  float ul_195[4];

  // BLOCK 0
  ul_0  =  (unsigned long long) x;
  ul_1  =  (unsigned long long) y;
  ul_2  =  (unsigned long long) G;
  ul_3  =  (unsigned long long) states;
  ul_4  =  (unsigned long long) scores;
  ul_5  =  (unsigned long long) out;
  __shared__ int adi_6[2048];
  __shared__ int adi_7[4352];
  float mma_acc_f_8[4];
  mma_acc_f_8[0] = 0.0F;
  mma_acc_f_8[1] = 0.0F;
  mma_acc_f_8[2] = 0.0F;
  mma_acc_f_8[3] = 0.0F;
  float mma_acc_f_9[4];
  mma_acc_f_9[0] = 0.0F;
  mma_acc_f_9[1] = 0.0F;
  mma_acc_f_9[2] = 0.0F;
  mma_acc_f_9[3] = 0.0F;
  float mma_acc_f_10[4];
  mma_acc_f_10[0] = 0.0F;
  mma_acc_f_10[1] = 0.0F;
  mma_acc_f_10[2] = 0.0F;
  mma_acc_f_10[3] = 0.0F;
  float mma_acc_f_11[4];
  mma_acc_f_11[0] = 0.0F;
  mma_acc_f_11[1] = 0.0F;
  mma_acc_f_11[2] = 0.0F;
  mma_acc_f_11[3] = 0.0F;
  i_12  =  (threadIdx.x);
  i_13  =  i_12 >> 31;
  i_14  =  i_13 >> 27;
  i_15  =  i_14 + i_12;
  i_16  =  i_15 >> 5;
  i_17  =  i_16 % 4;
  i_18  =  i_17 << 2;
  i_19  =  i_15 >> 31;
  i_20  =  i_19 >> 30;
  i_21  =  i_20 + i_16;
  i_22  =  i_21 >> 2;
  i_23  =  (blockIdx.x);
  i_24  =  i_23 << 6;
  i_25  =  i_23 >> 31;
  i_26  =  i_25 + i_23;
  i_27  =  i_26 >> 1;
  i_28  =  i_27 << 7;
  i_29  =  i_23 % 2;
  i_30  =  i_28 + i_29;
  // BLOCK 1 MERGES [0 30 ]
  ul_31[0]  =  mma_acc_f_8[0];
  ul_31[1]  =  mma_acc_f_8[1];
  ul_31[2]  =  mma_acc_f_8[2];
  ul_31[3]  =  mma_acc_f_8[3];
  ul_32[0]  =  mma_acc_f_9[0];
  ul_32[1]  =  mma_acc_f_9[1];
  ul_32[2]  =  mma_acc_f_9[2];
  ul_32[3]  =  mma_acc_f_9[3];
  ul_33[0]  =  mma_acc_f_10[0];
  ul_33[1]  =  mma_acc_f_10[1];
  ul_33[2]  =  mma_acc_f_10[2];
  ul_33[3]  =  mma_acc_f_10[3];
  ul_34[0]  =  mma_acc_f_11[0];
  ul_34[1]  =  mma_acc_f_11[1];
  ul_34[2]  =  mma_acc_f_11[2];
  ul_34[3]  =  mma_acc_f_11[3];
  i_35  =  0;
  for(;i_35 < 192;)
  {
    // BLOCK 2
    i_36  =  128 - i_35;
    i_37  =  min(64, i_36);
    b_38  =  i_35 < 128;
    if(b_38)
    {
      // BLOCK 3
      i_39  =  i_37;
    }  // B2
    else
    {
      // BLOCK 4
      i_39  =  64;
    }  // B2
    // BLOCK 5 MERGES [3 4 ]
    i_40  =  i_39 >> 31;
    i_41  =  i_40 >> 28;
    i_42  =  i_41 + i_39;
    i_43  =  i_42 >> 4;
    i_44  =  i_39 << 5;
    // BLOCK 6 MERGES [5 17 ]
    i_45  =  i_12;
    for(;i_45 < i_44;)
    {
      // BLOCK 7
      i_46  =  i_45 >> 31;
      i_47  =  i_46 >> 25;
      i_48  =  i_47 + i_45;
      i_49  =  i_48 >> 7;
      i_50  =  i_49 / i_43;
      i_51  =  i_50 << 4;
      i_52  =  i_46 >> 29;
      i_53  =  i_52 + i_45;
      i_54  =  i_53 >> 3;
      i_55  =  i_54 % 16;
      i_56  =  i_51 + i_55;
      i_57  =  i_56 + i_24;
      i_58  =  i_57 << 6;
      i_59  =  i_56 << 1;
      i_60  =  i_30 + i_59;
      i_61  =  i_60 << 7;
      i_62  =  i_49 % i_43;
      i_63  =  i_62 << 4;
      i_64  =  i_45 % 8;
      i_65  =  i_64 << 1;
      i_66  =  i_63 + i_65;
      i_67  =  i_66 + i_35;
      b_68  =  i_67 < 128;
      if(b_68)
      {
        // BLOCK 8
        i_69  =  i_61 + i_67;
        l_70  =  (long long) i_69;
        l_71  =  l_70 + 4L;
        l_72  =  l_71 << 2;
        ul_73  =  ul_0 + l_72;
        f_74  =  *(( float *) ul_73);
        ul_75  =  ul_2 + l_72;
        f_76  =  *(( float *) ul_75);
        f_77  =  exp(f_76);
        f_78  =  f_74 * 0.3F;
        f_79  =  f_77 * f_78;
        f_80  =  f_79;
      }  // B7
      else
      {
        // BLOCK 9
        i_81  =  i_67 + -128;
        b_82  =  i_56 < i_81;
        if(b_82)
        {
          // BLOCK 10
          f_80  =  0.0F;
        }  // B9
        else
        {
          // BLOCK 11
          i_83  =  i_58 + i_81;
          l_84  =  (long long) i_83;
          l_85  =  l_84 + 4L;
          l_86  =  l_85 << 2;
          ul_87  =  ul_4 + l_86;
          f_88  =  *(( float *) ul_87);
          f_89  =  f_88 * 0.3F;
          f_80  =  f_89;
        }  // B9
      }  // B7
      // BLOCK 12 MERGES [8 10 11 ]
      i_90  =  i_67 + 1;
      b_91  =  i_90 < 128;
      if(b_91)
      {
        // BLOCK 13
        i_92  =  i_90 + i_61;
        l_93  =  (long long) i_92;
        l_94  =  l_93 + 4L;
        l_95  =  l_94 << 2;
        ul_96  =  ul_0 + l_95;
        f_97  =  *(( float *) ul_96);
        ul_98  =  ul_2 + l_95;
        f_99  =  *(( float *) ul_98);
        f_100  =  exp(f_99);
        f_101  =  f_97 * 0.3F;
        f_102  =  f_100 * f_101;
        f_103  =  f_102;
      }  // B12
      else
      {
        // BLOCK 14
        i_104  =  i_67 + -127;
        b_105  =  i_56 < i_104;
        if(b_105)
        {
          // BLOCK 15
          f_103  =  0.0F;
        }  // B14
        else
        {
          // BLOCK 16
          i_106  =  i_58 + i_104;
          l_107  =  (long long) i_106;
          l_108  =  l_107 + 4L;
          l_109  =  l_108 << 2;
          ul_110  =  ul_4 + l_109;
          f_111  =  *(( float *) ul_110);
          f_112  =  f_111 * 0.3F;
          f_103  =  f_112;
        }  // B14
      }  // B12
      // BLOCK 17 MERGES [13 15 16 ]
      sh_113  =  (f_103 != f_103) ? (short) 0x7FC0 : (short) ((__float_as_uint(f_103) + 0x7FFFU + ((__float_as_uint(f_103) >> 16) & 1U)) >> 16);
      i_114  =  i_13 - sh_113;
      i_115  =  i_114 << 16;
      i_116  =  i_13 - i_115;
      sh_117  =  (f_80 != f_80) ? (short) 0x7FC0 : (short) ((__float_as_uint(f_80) + 0x7FFFU + ((__float_as_uint(f_80) >> 16) & 1U)) >> 16);
      i_118  =  i_13 - sh_117;
      i_119  =  i_118 << 16;
      i_120  =  i_13 - i_119;
      i_121  =  i_120 >> 16;
      i_122  =  i_121 & 65535;
      i_123  =  i_116 | i_122;
      adi_6[i_45]  =  i_123;
      i_124  =  i_45 + 512;
      i_45  =  i_124;
    }  // B6
    // BLOCK 18
    i_125  =  i_39 << 7;
    i_126  =  i_125 >> 31;
    i_127  =  i_126 + i_125;
    i_128  =  i_127 >> 1;
    // BLOCK 19 MERGES [18 23 ]
    i_129  =  i_12;
    for(;i_129 < i_128;)
    {
      // BLOCK 20
      i_130  =  i_129 % 64;
      i_131  =  i_129 >> 31;
      i_132  =  i_131 >> 26;
      i_133  =  i_132 + i_129;
      i_134  =  i_133 >> 6;
      b_135  =  i_35 < 128;
      if(b_135)
      {
        // BLOCK 21
        i_136  =  i_23 << 7;
        i_137  =  i_136 + i_35;
        i_138  =  i_137 << 6;
        i_139  =  i_138 + i_129;
        l_140  =  (long long) i_139;
        l_141  =  l_140 + 4L;
        l_142  =  l_141 << 2;
        ul_143  =  ul_3 + l_142;
        i_144  =  *(( int *) ul_143);
        i_145  =  i_144;
      }  // B20
      else
      {
        // BLOCK 22
        i_146  =  i_130 << 1;
        i_147  =  i_134 << 1;
        i_148  =  i_147 + i_30;
        i_149  =  i_148 << 7;
        i_150  =  i_146 + i_149;
        l_151  =  (long long) i_150;
        l_152  =  l_151 + 4L;
        l_153  =  l_152 << 2;
        ul_154  =  ul_1 + l_153;
        f_155  =  *(( float *) ul_154);
        i_156  =  i_150 + 1;
        l_157  =  (long long) i_156;
        l_158  =  l_157 + 4L;
        l_159  =  l_158 << 2;
        ul_160  =  ul_1 + l_159;
        f_161  =  *(( float *) ul_160);
        sh_162  =  (f_161 != f_161) ? (short) 0x7FC0 : (short) ((__float_as_uint(f_161) + 0x7FFFU + ((__float_as_uint(f_161) >> 16) & 1U)) >> 16);
        i_163  =  i_13 - sh_162;
        i_164  =  i_163 << 16;
        i_165  =  i_13 - i_164;
        sh_166  =  (f_155 != f_155) ? (short) 0x7FC0 : (short) ((__float_as_uint(f_155) + 0x7FFFU + ((__float_as_uint(f_155) >> 16) & 1U)) >> 16);
        i_167  =  i_13 - sh_166;
        i_168  =  i_167 << 16;
        i_169  =  i_13 - i_168;
        i_170  =  i_169 >> 16;
        i_171  =  i_170 & 65535;
        i_172  =  i_165 | i_171;
        i_145  =  i_172;
      }  // B20
      // BLOCK 23 MERGES [21 22 ]
      i_173  =  i_130 >> 31;
      i_174  =  i_173 >> 30;
      i_175  =  i_174 + i_130;
      i_176  =  i_175 >> 2;
      i_177  =  i_133 >> 31;
      i_178  =  i_177 >> 28;
      i_179  =  i_178 + i_134;
      i_180  =  i_179 & -16;
      i_181  =  i_176 + i_180;
      i_182  =  i_181 << 6;
      i_183  =  i_181 << 2;
      i_184  =  i_182 + i_183;
      i_185  =  i_134 % 16;
      i_186  =  i_185 << 2;
      i_187  =  i_184 + i_186;
      i_188  =  i_130 % 4;
      i_189  =  i_187 + i_188;
      adi_7[i_189]  =  i_145;
      i_190  =  i_129 + 512;
      i_129  =  i_190;
    }  // B19
    // BLOCK 24
    __syncthreads();
    i_191  =  i_22 * i_43;
    // BLOCK 25 MERGES [24 26 ]
    ul_192  =  ul_31;
    ul_193  =  ul_32;
    ul_194  =  ul_33;
    ul_195  =  ul_34;
    i_196  =  0;
    for(;i_196 < i_43;)
    {
      // BLOCK 26
      i_197  =  i_191 + i_196;
      i_198  =  i_197 << 9;
      unsigned mma_a_h_199[4];
      {
        unsigned __lane = threadIdx.x & 31u;
        unsigned __rit  = __lane & 7u;
        unsigned __grp  = __lane >> 3;
        unsigned __bo;
        unsigned __row = ((__grp & 1u) << 3) + __rit;
        unsigned __col = (__grp >> 1) << 4;
        __bo = (__row << 5) + __col;
        __bo += i_198;
        unsigned __smem;
        asm volatile("{ .reg .u64 u; cvta.to.shared.u64 u, %1; cvt.u32.u64 %0, u; }" : "=r"(__smem) : "l"((const char *) adi_6 + __bo));
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(mma_a_h_199[0]), "=r"(mma_a_h_199[1]), "=r"(mma_a_h_199[2]), "=r"(mma_a_h_199[3]) : "r"(__smem));
      }
      i_200  =  i_196 << 4;
      i_201  =  i_18 + i_200;
      i_202  =  i_201 << 8;
      i_203  =  i_201 << 4;
      i_204  =  i_202 + i_203;
      unsigned mma_b_h_205[2];
      {
        unsigned __lane = threadIdx.x & 31u;
        unsigned __rit  = __lane & 7u;
        unsigned __grp  = __lane >> 3;
        unsigned __bo;
        unsigned __col = (__grp & 1u) << 7;
        __bo = (__rit << 4) + __col;
        __bo += i_204;
        unsigned __smem;
        asm volatile("{ .reg .u64 u; cvta.to.shared.u64 u, %1; cvt.u32.u64 %0, u; }" : "=r"(__smem) : "l"((const char *) adi_7 + __bo));
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(mma_b_h_205[0]), "=r"(mma_b_h_205[1]) : "r"(__smem));
      }
      i_206  =  i_204 + 272;
      unsigned mma_b_h_207[2];
      {
        unsigned __lane = threadIdx.x & 31u;
        unsigned __rit  = __lane & 7u;
        unsigned __grp  = __lane >> 3;
        unsigned __bo;
        unsigned __col = (__grp & 1u) << 7;
        __bo = (__rit << 4) + __col;
        __bo += i_206;
        unsigned __smem;
        asm volatile("{ .reg .u64 u; cvta.to.shared.u64 u, %1; cvt.u32.u64 %0, u; }" : "=r"(__smem) : "l"((const char *) adi_7 + __bo));
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(mma_b_h_207[0]), "=r"(mma_b_h_207[1]) : "r"(__smem));
      }
      i_208  =  i_204 + 544;
      unsigned mma_b_h_209[2];
      {
        unsigned __lane = threadIdx.x & 31u;
        unsigned __rit  = __lane & 7u;
        unsigned __grp  = __lane >> 3;
        unsigned __bo;
        unsigned __col = (__grp & 1u) << 7;
        __bo = (__rit << 4) + __col;
        __bo += i_208;
        unsigned __smem;
        asm volatile("{ .reg .u64 u; cvta.to.shared.u64 u, %1; cvt.u32.u64 %0, u; }" : "=r"(__smem) : "l"((const char *) adi_7 + __bo));
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(mma_b_h_209[0]), "=r"(mma_b_h_209[1]) : "r"(__smem));
      }
      i_210  =  i_204 + 816;
      unsigned mma_b_h_211[2];
      {
        unsigned __lane = threadIdx.x & 31u;
        unsigned __rit  = __lane & 7u;
        unsigned __grp  = __lane >> 3;
        unsigned __bo;
        unsigned __col = (__grp & 1u) << 7;
        __bo = (__rit << 4) + __col;
        __bo += i_210;
        unsigned __smem;
        asm volatile("{ .reg .u64 u; cvta.to.shared.u64 u, %1; cvt.u32.u64 %0, u; }" : "=r"(__smem) : "l"((const char *) adi_7 + __bo));
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(mma_b_h_211[0]), "=r"(mma_b_h_211[1]) : "r"(__smem));
      }
      float mma_acc_f_212[4];
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%11,%12,%13};" : "=f"(mma_acc_f_212[0]), "=f"(mma_acc_f_212[1]), "=f"(mma_acc_f_212[2]), "=f"(mma_acc_f_212[3]) : "r"(mma_a_h_199[0]), "r"(mma_a_h_199[1]), "r"(mma_a_h_199[2]), "r"(mma_a_h_199[3]), "r"(mma_b_h_205[0]), "r"(mma_b_h_205[1]), "f"(ul_192[0]), "f"(ul_192[1]), "f"(ul_192[2]), "f"(ul_192[3]));
      float mma_acc_f_213[4];
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%11,%12,%13};" : "=f"(mma_acc_f_213[0]), "=f"(mma_acc_f_213[1]), "=f"(mma_acc_f_213[2]), "=f"(mma_acc_f_213[3]) : "r"(mma_a_h_199[0]), "r"(mma_a_h_199[1]), "r"(mma_a_h_199[2]), "r"(mma_a_h_199[3]), "r"(mma_b_h_207[0]), "r"(mma_b_h_207[1]), "f"(ul_193[0]), "f"(ul_193[1]), "f"(ul_193[2]), "f"(ul_193[3]));
      float mma_acc_f_214[4];
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%11,%12,%13};" : "=f"(mma_acc_f_214[0]), "=f"(mma_acc_f_214[1]), "=f"(mma_acc_f_214[2]), "=f"(mma_acc_f_214[3]) : "r"(mma_a_h_199[0]), "r"(mma_a_h_199[1]), "r"(mma_a_h_199[2]), "r"(mma_a_h_199[3]), "r"(mma_b_h_209[0]), "r"(mma_b_h_209[1]), "f"(ul_194[0]), "f"(ul_194[1]), "f"(ul_194[2]), "f"(ul_194[3]));
      float mma_acc_f_215[4];
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%11,%12,%13};" : "=f"(mma_acc_f_215[0]), "=f"(mma_acc_f_215[1]), "=f"(mma_acc_f_215[2]), "=f"(mma_acc_f_215[3]) : "r"(mma_a_h_199[0]), "r"(mma_a_h_199[1]), "r"(mma_a_h_199[2]), "r"(mma_a_h_199[3]), "r"(mma_b_h_211[0]), "r"(mma_b_h_211[1]), "f"(ul_195[0]), "f"(ul_195[1]), "f"(ul_195[2]), "f"(ul_195[3]));
      i_216  =  i_196 + 1;
      ul_192[0]  =  mma_acc_f_212[0];
      ul_192[1]  =  mma_acc_f_212[1];
      ul_192[2]  =  mma_acc_f_212[2];
      ul_192[3]  =  mma_acc_f_212[3];
      ul_193[0]  =  mma_acc_f_213[0];
      ul_193[1]  =  mma_acc_f_213[1];
      ul_193[2]  =  mma_acc_f_213[2];
      ul_193[3]  =  mma_acc_f_213[3];
      ul_194[0]  =  mma_acc_f_214[0];
      ul_194[1]  =  mma_acc_f_214[1];
      ul_194[2]  =  mma_acc_f_214[2];
      ul_194[3]  =  mma_acc_f_214[3];
      ul_195[0]  =  mma_acc_f_215[0];
      ul_195[1]  =  mma_acc_f_215[1];
      ul_195[2]  =  mma_acc_f_215[2];
      ul_195[3]  =  mma_acc_f_215[3];
      i_196  =  i_216;
    }  // B25
    // BLOCK 27
    __syncthreads();
    b_217  =  i_35 < 128;
    if(b_217)
    {
      // BLOCK 28
      i_218  =  i_37;
    }  // B27
    else
    {
      // BLOCK 29
      i_218  =  64;
    }  // B27
    // BLOCK 30 MERGES [28 29 ]
    i_219  =  i_218 + i_35;
    ul_31  =  ul_192;
    ul_32  =  ul_193;
    ul_33  =  ul_194;
    ul_34  =  ul_195;
    i_35  =  i_219;
  }  // B1
  // BLOCK 31
  i_220  =  i_27 << 6;
  i_221  =  i_22 << 4;
  i_222  =  i_220 + i_221;
  i_223  =  i_17 << 5;
  i_224  =  i_29 << 7;
  i_225  =  i_223 + i_224;
  {
    unsigned __lane = threadIdx.x & 31u;
    unsigned __rit0 = (__lane >> 2);
    unsigned __cit0 = ((__lane & 3u) << 1);
    unsigned __idx0 = (i_222 + __rit0) * 256 + (i_225 + __cit0);
    ((float *) ((char *) ul_5 + 16u))[__idx0] = ul_31[0];
    unsigned __rit1 = (__lane >> 2);
    unsigned __cit1 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx1 = (i_222 + __rit1) * 256 + (i_225 + __cit1);
    ((float *) ((char *) ul_5 + 16u))[__idx1] = ul_31[1];
    unsigned __rit2 = (__lane >> 2) + 8u;
    unsigned __cit2 = ((__lane & 3u) << 1);
    unsigned __idx2 = (i_222 + __rit2) * 256 + (i_225 + __cit2);
    ((float *) ((char *) ul_5 + 16u))[__idx2] = ul_31[2];
    unsigned __rit3 = (__lane >> 2) + 8u;
    unsigned __cit3 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx3 = (i_222 + __rit3) * 256 + (i_225 + __cit3);
    ((float *) ((char *) ul_5 + 16u))[__idx3] = ul_31[3];
  }
  i_226  =  i_225 + 8;
  {
    unsigned __lane = threadIdx.x & 31u;
    unsigned __rit0 = (__lane >> 2);
    unsigned __cit0 = ((__lane & 3u) << 1);
    unsigned __idx0 = (i_222 + __rit0) * 256 + (i_226 + __cit0);
    ((float *) ((char *) ul_5 + 16u))[__idx0] = ul_32[0];
    unsigned __rit1 = (__lane >> 2);
    unsigned __cit1 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx1 = (i_222 + __rit1) * 256 + (i_226 + __cit1);
    ((float *) ((char *) ul_5 + 16u))[__idx1] = ul_32[1];
    unsigned __rit2 = (__lane >> 2) + 8u;
    unsigned __cit2 = ((__lane & 3u) << 1);
    unsigned __idx2 = (i_222 + __rit2) * 256 + (i_226 + __cit2);
    ((float *) ((char *) ul_5 + 16u))[__idx2] = ul_32[2];
    unsigned __rit3 = (__lane >> 2) + 8u;
    unsigned __cit3 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx3 = (i_222 + __rit3) * 256 + (i_226 + __cit3);
    ((float *) ((char *) ul_5 + 16u))[__idx3] = ul_32[3];
  }
  i_227  =  i_225 + 16;
  {
    unsigned __lane = threadIdx.x & 31u;
    unsigned __rit0 = (__lane >> 2);
    unsigned __cit0 = ((__lane & 3u) << 1);
    unsigned __idx0 = (i_222 + __rit0) * 256 + (i_227 + __cit0);
    ((float *) ((char *) ul_5 + 16u))[__idx0] = ul_33[0];
    unsigned __rit1 = (__lane >> 2);
    unsigned __cit1 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx1 = (i_222 + __rit1) * 256 + (i_227 + __cit1);
    ((float *) ((char *) ul_5 + 16u))[__idx1] = ul_33[1];
    unsigned __rit2 = (__lane >> 2) + 8u;
    unsigned __cit2 = ((__lane & 3u) << 1);
    unsigned __idx2 = (i_222 + __rit2) * 256 + (i_227 + __cit2);
    ((float *) ((char *) ul_5 + 16u))[__idx2] = ul_33[2];
    unsigned __rit3 = (__lane >> 2) + 8u;
    unsigned __cit3 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx3 = (i_222 + __rit3) * 256 + (i_227 + __cit3);
    ((float *) ((char *) ul_5 + 16u))[__idx3] = ul_33[3];
  }
  i_228  =  i_225 + 24;
  {
    unsigned __lane = threadIdx.x & 31u;
    unsigned __rit0 = (__lane >> 2);
    unsigned __cit0 = ((__lane & 3u) << 1);
    unsigned __idx0 = (i_222 + __rit0) * 256 + (i_228 + __cit0);
    ((float *) ((char *) ul_5 + 16u))[__idx0] = ul_34[0];
    unsigned __rit1 = (__lane >> 2);
    unsigned __cit1 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx1 = (i_222 + __rit1) * 256 + (i_228 + __cit1);
    ((float *) ((char *) ul_5 + 16u))[__idx1] = ul_34[1];
    unsigned __rit2 = (__lane >> 2) + 8u;
    unsigned __cit2 = ((__lane & 3u) << 1);
    unsigned __idx2 = (i_222 + __rit2) * 256 + (i_228 + __cit2);
    ((float *) ((char *) ul_5 + 16u))[__idx2] = ul_34[2];
    unsigned __rit3 = (__lane >> 2) + 8u;
    unsigned __cit3 = ((__lane & 3u) << 1) + 1u;
    unsigned __idx3 = (i_222 + __rit3) * 256 + (i_228 + __cit3);
    ((float *) ((char *) ul_5 + 16u))[__idx3] = ul_34[3];
  }
  return;
}  //  kernel
