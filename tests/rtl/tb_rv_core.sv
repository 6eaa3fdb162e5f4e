// SPDX-License-Identifier: MIT
// Runs a program on the core, with a memory that grants when it likes.
//
//   +image=FILE   words for $readmemh, the first at 0x80000000; made by
//                 objcopy -O verilog --verilog-data-width=4 --change-addresses -0x80000000
//   +tohost=HEX   a store of 1 to that address passes, any other value fails (the test's number is
//                 value >> 1)
//   +seed=N       of the stalls; 0 (also without it): never a stall
//   +trace=FILE   a line for each retired instruction, all in hexadecimal without 0x, one blank
//                 between:  pc insn rd value addr wmask wdata
//                 insn as in memory (4 digits when compressed), rd two digits and 00 for no write,
//                 value 0 then; addr of a load or a store, of the byte, 0 for others; wmask the
//                 lanes of the word that a store writes, 0 for others; wdata those lanes. An
//                 instruction that traps has a line as well, with "trap" behind.
//   +cycles=N     limit (default 10000000)
//   +stats        prints cycles, instructions, cycles per instruction
//
// Memory: 64 KiB (RamBytes) from 0x80000000; all else is an access fault, but for these words:
//   0x40000000  W  interrupt lines from the next cycle: bit 0 timer, bit 1 external; R  the lines
//   0x40000004  W  cycles until the timer line rises by itself
//   0x40000008  W  external line, likewise
//   0x4000000c  W  halt_i rises in the next cycle; the test passes when nothing happens any more
//   0x40000010  W  characters, printed

module tb (
  input logic clk_i
);

  localparam int unsigned RamBytes = 65536;
  localparam logic [31:0] RamBase = 32'h8000_0000;
  localparam logic [31:0] DeviceBase = 32'h4000_0000;
  localparam int unsigned QuietCycles = 200;

  string       image, trace_name;
  int          trace_file, seed;
  logic [31:0] tohost, cycles_max;
  logic        stats, trace;
  logic [31:0] ram [RamBytes / 4];

  initial begin
    image = "";
    trace_name = "";
    tohost = RamBase;
    seed = 0;
    cycles_max = 32'd10_000_000;
    if ($value$plusargs("image=%s", image)) $readmemh(image, ram);
    trace = $value$plusargs("trace=%s", trace_name) != 0;
    if (trace) trace_file = $fopen(trace_name, "w");
    if ($value$plusargs("tohost=%h", tohost)) ;
    if ($value$plusargs("seed=%d", seed)) ;
    if ($value$plusargs("cycles=%d", cycles_max)) ;
    stats = $test$plusargs("stats") != 0;
  end

  // ---------------------------------------------------------------- the core
  logic        rst_n, halt_q, irq_timer_q, irq_external_q, sleeping;
  logic        instr_req, instr_gnt, instr_err_q;
  logic [31:0] instr_addr, pc;
  logic [63:0] instr_rdata_q;
  logic        data_req, data_we, data_gnt, data_err_q;
  logic [3:0]  data_be;
  logic [31:0] data_addr, data_wdata, data_rdata_q;
  logic        rvfi_valid, rvfi_trap, rvfi_intr;
  logic [63:0] rvfi_order;
  logic [31:0] rvfi_insn, rvfi_pc_rdata, rvfi_pc_wdata, rvfi_rd_wdata, rvfi_mem_addr;
  logic [31:0] rvfi_mem_rdata, rvfi_mem_wdata;
  logic [4:0]  rvfi_rd_addr;
  logic [3:0]  rvfi_mem_rmask, rvfi_mem_wmask;

  sl200_rv_core u_core (
    .clk_i,
    .rst_ni          (rst_n),
    .boot_addr_i     (RamBase),
    .halt_i          (halt_q),
    .instr_req_o     (instr_req),
    .instr_addr_o    (instr_addr),
    .instr_gnt_i     (instr_gnt),
    .instr_rdata_i   (instr_rdata_q),
    .instr_err_i     (instr_err_q),
    .data_req_o      (data_req),
    .data_we_o       (data_we),
    .data_be_o       (data_be),
    .data_addr_o     (data_addr),
    .data_wdata_o    (data_wdata),
    .data_gnt_i      (data_gnt),
    .data_rdata_i    (data_rdata_q),
    .data_err_i      (data_err_q),
    .irq_timer_i     (irq_timer_q),
    .irq_external_i  (irq_external_q),
    .sleeping_o      (sleeping),
    .pc_o            (pc),
    .rvfi_valid_o    (rvfi_valid),
    .rvfi_trap_o     (rvfi_trap),
    .rvfi_intr_o     (rvfi_intr),
    .rvfi_order_o    (rvfi_order),
    .rvfi_insn_o     (rvfi_insn),
    .rvfi_pc_rdata_o (rvfi_pc_rdata),
    .rvfi_pc_wdata_o (rvfi_pc_wdata),
    .rvfi_rd_addr_o  (rvfi_rd_addr),
    .rvfi_rd_wdata_o (rvfi_rd_wdata),
    .rvfi_mem_addr_o (rvfi_mem_addr),
    .rvfi_mem_rmask_o(rvfi_mem_rmask),
    .rvfi_mem_wmask_o(rvfi_mem_wmask),
    .rvfi_mem_rdata_o(rvfi_mem_rdata),
    .rvfi_mem_wdata_o(rvfi_mem_wdata)
  );

  // ---------------------------------------------------------------- time
  logic [31:0] cycle_q = 32'd0;
  logic [31:0] random_q;
  logic [3:0]  instr_stall_q, data_stall_q;

  assign rst_n = cycle_q >= 32'd4;

  // Cycles without a grant before a request's. Seeds 3n stall rarely, 3n + 1 often, 3n + 2 long.
  function automatic logic [3:0] stall(input logic [6:0] roll);
    stall = 4'd0;
    if (seed != 0) begin
      unique case (seed % 3)
        0: stall = {3'd0, roll[3:0] == 4'd0};
        1: stall = roll[0] ? {2'd0, roll[2:1]} : 4'd0;
        default: stall = roll[2:0] == 3'd0 ? roll[6:3] : 4'd0;
      endcase
    end
  endfunction

  function automatic logic [31:0] shuffle(input logic [31:0] x);
    logic [31:0] y;
    y = x ^ (x << 13);
    y = y ^ (y >> 17);
    shuffle = y ^ (y << 5);
  endfunction

  assign instr_gnt = instr_req && instr_stall_q == 4'd0;
  assign data_gnt = data_req && data_stall_q == 4'd0;

  always_ff @(posedge clk_i) begin
    cycle_q <= cycle_q + 32'd1;
    if (!rst_n) begin
      random_q <= 32'(seed) * 32'h9e37_79b9 ^ 32'h5bd1_e995;
      instr_stall_q <= 4'd0;
      data_stall_q <= 4'd0;
    end else begin
      random_q <= shuffle(random_q);
      if (instr_gnt) instr_stall_q <= stall(random_q[30:24]);
      else if (instr_req) instr_stall_q <= instr_stall_q - 4'd1;
      if (data_gnt) data_stall_q <= stall(random_q[14:8]);
      else if (data_req) data_stall_q <= data_stall_q - 4'd1;
    end
  end

  // ---------------------------------------------------------------- memory and devices
  logic [31:0] timer_left_q, external_left_q;
  logic        instr_in_ram, data_in_ram, data_in_device;
  assign instr_in_ram = instr_addr - RamBase < RamBytes;
  assign data_in_ram = data_addr - RamBase < RamBytes;
  assign data_in_device = data_addr - DeviceBase < 32'h14;

  // What is not asked for is noise.
  always_ff @(posedge clk_i) begin
    instr_rdata_q <= {2{32'hdead_beef ^ cycle_q}};
    instr_err_q <= cycle_q[0];
    if (instr_gnt) begin
      instr_err_q <= !instr_in_ram;
      if (instr_in_ram)
        instr_rdata_q <= {ram[{instr_addr[15:3], 1'b1}], ram[{instr_addr[15:3], 1'b0}]};
    end

    data_rdata_q <= 32'hdead_beef ^ cycle_q;
    data_err_q <= cycle_q[1];
    if (!rst_n) begin
      irq_timer_q <= 1'b0;
      irq_external_q <= 1'b0;
      halt_q <= 1'b0;
      timer_left_q <= 32'd0;
      external_left_q <= 32'd0;
    end else begin
      if (timer_left_q != 32'd0) timer_left_q <= timer_left_q - 32'd1;
      if (timer_left_q == 32'd1) irq_timer_q <= 1'b1;
      if (external_left_q != 32'd0) external_left_q <= external_left_q - 32'd1;
      if (external_left_q == 32'd1) irq_external_q <= 1'b1;
      if (data_gnt) begin
        data_err_q <= !data_in_ram && !data_in_device;
        if (data_in_ram) begin
          data_rdata_q <= ram[data_addr[15:2]];
          for (int i = 0; i < 4; i++)
            if (data_we && data_be[i]) ram[data_addr[15:2]][8 * i +: 8] <= data_wdata[8 * i +: 8];
        end else if (data_in_device) begin
          data_rdata_q <= {30'd0, irq_external_q, irq_timer_q};
          if (data_we) begin
            unique case (data_addr[4:2])
              3'd0: {irq_external_q, irq_timer_q} <= data_wdata[1:0];
              3'd1: timer_left_q <= data_wdata;
              3'd2: external_left_q <= data_wdata;
              3'd3: halt_q <= 1'b1;
              default: $write("%c", data_wdata[7:0]);
            endcase
          end
        end
      end
    end
  end

  // ---------------------------------------------------------------- judgement
  logic [31:0] instr_held_q;
  logic [68:0] data_now, data_held_q;
  logic [63:0] order_q;
  logic        instr_waits_q, data_waits_q;
  logic [31:0] quiet_q, next_pc_q, start_q;
  logic        any_q, wrong;
  logic [31:0] retired_q;

  assign data_now = {data_we, data_be, data_addr, data_we ? data_wdata : 32'd0};
  assign wrong = (instr_waits_q && (!instr_req || instr_held_q != instr_addr)) ||
                 (data_waits_q && (!data_req || data_held_q != data_now));

  function automatic void verdict(input logic ok, input string why);
    if (ok) $display("ok - %s", image);
    else $display("not ok - %s: %s, pc %08x, cycle %0d, seed %0d", image, why, pc, cycle_q, seed);
    if (stats)
      $display("# %0d cycles, %0d instructions, %.2f cycles per instruction", cycle_q - start_q,
               retired_q, $itor(cycle_q - start_q) / $itor(retired_q));
    $finish;
  endfunction

  logic [31:0] lanes;
  assign lanes = {{8{rvfi_mem_wmask[3]}}, {8{rvfi_mem_wmask[2]}}, {8{rvfi_mem_wmask[1]}},
                  {8{rvfi_mem_wmask[0]}}};

  // The first byte that a mask of lanes touches.
  function automatic logic [31:0] first(input logic [3:0] lanes_used);
    unique casez (lanes_used)
      4'b???1: first = 32'd0;
      4'b??10: first = 32'd1;
      4'b?100: first = 32'd2;
      default: first = 32'd3;
    endcase
  endfunction

  logic [3:0]  mask;
  logic [31:0] touched;
  assign mask = rvfi_mem_rmask | rvfi_mem_wmask;
  assign touched = mask == 4'd0 ? 32'd0 : rvfi_mem_addr + first(mask);

  always_ff @(posedge clk_i) begin
    instr_waits_q <= rst_n && !halt_q && instr_req && !instr_gnt;
    data_waits_q <= rst_n && !halt_q && data_req && !data_gnt;
    instr_held_q <= instr_addr;
    data_held_q <= data_now;
    if (!rst_n) begin
      quiet_q <= 32'd0;
      any_q <= 1'b0;
      retired_q <= 32'd0;
      order_q <= 64'd0;
      start_q <= cycle_q;
    end else begin
      if (rvfi_valid) begin
        order_q <= order_q + 64'd1;
        any_q <= 1'b1;
        next_pc_q <= rvfi_pc_wdata;
        if (!rvfi_trap) retired_q <= retired_q + 32'd1;
        if (rvfi_order != order_q) verdict(1'b0, "the trace is out of order");
        if (any_q && !rvfi_intr && next_pc_q != rvfi_pc_rdata)
          verdict(1'b0, "an instruction the one before did not lead to");
        if (rvfi_mem_rmask == 4'hf && rvfi_rd_addr != 5'd0 && rvfi_rd_wdata != rvfi_mem_rdata)
          verdict(1'b0, "a loaded word changed on its way");
        if (trace) begin
          $fwrite(trace_file, "%08x ", rvfi_pc_rdata);
          if (rvfi_insn[1:0] == 2'b11) $fwrite(trace_file, "%08x ", rvfi_insn);
          else $fwrite(trace_file, "%04x ", rvfi_insn[15:0]);
          $fwrite(trace_file, "%02x %08x %08x %01x %08x", rvfi_rd_addr, rvfi_rd_wdata, touched,
                  rvfi_mem_wmask, rvfi_mem_wdata & lanes);
          if (rvfi_trap) $fwrite(trace_file, " trap");
          $fwrite(trace_file, "\n");
        end
      end
      if (halt_q) begin
        quiet_q <= quiet_q + 32'd1;
        if (instr_req || data_req || rvfi_valid) verdict(1'b0, "it does things after the halt");
        else if (quiet_q == QuietCycles) verdict(1'b1, "");
      end else if (wrong) begin
        verdict(1'b0, "a request changed before its grant");
      end else if (sleeping && (instr_req || data_req || rvfi_valid)) begin
        verdict(1'b0, "it does things in its sleep");
      end else if (rvfi_valid && !rvfi_trap && rvfi_mem_wmask != 4'd0 && touched == tohost) begin
        if (rvfi_mem_wdata == 32'd1) verdict(1'b1, "");
        else verdict(1'b0, $sformatf("test %0d", rvfi_mem_wdata >> 1));
      end else if (cycle_q == cycles_max) begin
        verdict(1'b0, "it does not end");
      end
    end
  end

endmodule
