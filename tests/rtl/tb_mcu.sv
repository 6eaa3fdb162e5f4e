// SPDX-License-Identifier: MIT
// The MCU runs mcu_test.S from its ROM while clients of the DMA side use the TCM at rates that
// differ from pass to pass; between passes the core is halted and reset. What the program finds it
// says on the console. All that leaves the TCM is compared with a model of it.
//
//   +rom=FILE   default: what the build made
//   +seed=N     of the traffic
//
// Registers for the program, from 0x4000f000; elsewhere there are words that hold what is written:
//   0x00 W  end of the pass                    0x14 R  the pass, from 0
//   0x04 W  timer line rises in so many cycles 0x18 W  what in_rom_o ought to be
//   0x08 W  external line, likewise            0x24 W  one more at each write
//   0x0c W  both fall                          0x28 R  one more at each read

module tb (
  input logic clk_i
);

  localparam int unsigned Clients = 1 + sl200_pkg::NumEngines;
  localparam int unsigned Words = sl200_abi_pkg::McuTcmSize / 8;
  localparam int unsigned CodeWords = sl200_abi_pkg::McuCodeSize / 8;
  localparam int unsigned OwnWords = 512;     // of the program, at the start of either bank
  localparam int unsigned StackWords = 8;     // and at the end of the second
  localparam int unsigned Passes = 5;
  localparam int unsigned PassCycles = 400000;
  localparam int unsigned ResetCycles = 30;
  localparam logic [15:0] Bench = 16'hf000;

  int unsigned failures, reports, checked_reads, checked_loads, checked_fetches, pass;

  function automatic void fail(input string what);
    $display("not ok - pass %0d: %s", pass, what);
    failures = failures + 1;
  endfunction

  // ---------------------------------------------------------------- the MCU
  logic                  rst_n, halt;
  sl200_pkg::reg_req_t   bus_req;
  logic [31:0]           bus_rdata_q;
  logic [Clients-1:0]    tcm_req_q, tcm_we_q, tcm_gnt;
  logic [Clients*15-1:0] tcm_addr_q;
  logic [Clients*64-1:0] tcm_wdata_q;
  logic [Clients*8-1:0]  tcm_be_q;
  logic [63:0]           tcm_rdata;
  logic                  sleeping, in_rom, retire, console_valid, irq_timer_q, irq_external_q;
  logic [7:0]            console_char;

  /* verilator lint_off PINCONNECTEMPTY */
  sl200_mcu #(
    .RomFile("build/rtl/test/mcu_test.hex")
  ) u_mcu (
    .clk_i,
    .rst_ni(rst_n),
    .halt_i(halt),
    .irq_external_i(irq_external_q),
    .irq_timer_i(irq_timer_q),
    .bus_req_o(bus_req),
    .bus_rdata_i(bus_rdata_q),
    .tcm_req_i(tcm_req_q),
    .tcm_we_i(tcm_we_q),
    .tcm_addr_i(tcm_addr_q),
    .tcm_wdata_i(tcm_wdata_q),
    .tcm_be_i(tcm_be_q),
    .tcm_gnt_o(tcm_gnt),
    .tcm_rdata_o(tcm_rdata),
    .sleeping_o(sleeping),
    .in_rom_o(in_rom),
    .retire_o(retire),
    .console_valid_o(console_valid),
    .console_char_o(console_char),
    .rvfi_valid_o(),
    .rvfi_trap_o(),
    .rvfi_intr_o(),
    .rvfi_order_o(),
    .rvfi_insn_o(),
    .rvfi_pc_rdata_o(),
    .rvfi_pc_wdata_o(),
    .rvfi_rd_addr_o(),
    .rvfi_rd_wdata_o(),
    .rvfi_mem_addr_o(),
    .rvfi_mem_rmask_o(),
    .rvfi_mem_wmask_o(),
    .rvfi_mem_rdata_o(),
    .rvfi_mem_wdata_o()
  );
  /* verilator lint_on PINCONNECTEMPTY */

  // ---------------------------------------------------------------- passes
  typedef enum logic [1:0] { Held, Running, Ending, Halted } state_e;

  state_e      state_q;
  int          seed;
  int unsigned count_q, ending_cycles, rate, slept_q, cycles_q, retired_q;
  logic        ended_q;

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    $display("# seed %0d", seed);
    void'($urandom(seed));
    pass = 0;
    failures = 0;
    reports = 0;
    checked_reads = 0;
    checked_loads = 0;
    checked_fetches = 0;
    state_q = Held;
    count_q = 0;
    rate = 0;
    tcm_req_q = '0;
  end

  assign rst_n = state_q != Held;
  assign halt = state_q == Halted;

  function automatic void end_of_pass();
    if (reports != 15) fail("the program says all it has to");
    if (slept_q < 1000) fail("the core sleeps in wfi");
    $display("# pass %0d, DMA side %0d of 16: %0d instructions, %0d cycles, %0d asleep", pass, rate,
             retired_q, cycles_q, slept_q);
    pass = pass + 1;
    reports = 0;
    unique case (pass)
      1: rate = 4;
      2: rate = 8;
      3: rate = 12;
      default: rate = 16;
    endcase
  endfunction

  function automatic void finish();
    if (checked_reads == 0 || checked_loads == 0 || checked_fetches == 0) fail("words compared");
    if (failures == 0) begin
      $display("ok - %0d reads of the DMA side, %0d loads, %0d fetches as the model has it",
               checked_reads, checked_loads, checked_fetches);
    end else begin
      $display("not ok - %0d failures", failures);
    end
    $finish;
  endfunction

  always_ff @(posedge clk_i) begin
    count_q <= count_q + 1;
    unique case (state_q)
      Held: begin
        slept_q <= 0;
        cycles_q <= 0;
        retired_q <= 0;
        if (count_q > 1 && (retire || console_valid || bus_req.valid)) begin
          fail("a core in reset does nothing");
        end
        if (count_q >= ResetCycles) begin
          state_q <= Running;
          count_q <= 0;
        end
      end
      Running: begin
        cycles_q <= cycles_q + 1;
        if (sleeping) slept_q <= slept_q + 1;
        if (retire) retired_q <= retired_q + 1;
        if (ended_q) begin
          end_of_pass();
          ending_cycles = 20 + ($urandom & 63);
          state_q <= Ending;
          count_q <= 0;
        end else if (count_q == PassCycles) begin
          fail("the program comes to an end");
          $finish;
        end
      end
      Ending: begin
        if (count_q >= ending_cycles) begin
          state_q <= Halted;
          count_q <= 0;
        end
      end
      default: begin
        if (retire || bus_req.valid || (u_mcu.data_req && u_mcu.data_we)) begin
          fail("a halted core does nothing");
        end
        if (count_q == 100) begin
          if (pass == Passes) finish();
          state_q <= Held;
          count_q <= 0;
        end
      end
    endcase
  end

  // ---------------------------------------------------------------- registers
  logic [31:0] words [16384];
  int unsigned sequence_q, reads_q, timer_in_q, external_in_q;

  always_ff @(posedge clk_i) begin
    bus_rdata_q <= '0;
    if (timer_in_q != 0) timer_in_q <= timer_in_q - 1;
    if (external_in_q != 0) external_in_q <= external_in_q - 1;
    if (timer_in_q == 1) irq_timer_q <= 1'b1;
    if (external_in_q == 1) irq_external_q <= 1'b1;
    if (!rst_n) begin
      ended_q <= 1'b0;
      sequence_q <= 0;
      reads_q <= 0;
      timer_in_q <= 0;
      external_in_q <= 0;
      irq_timer_q <= 1'b0;
      irq_external_q <= 1'b0;
    end else if (bus_req.valid && bus_req.write) begin
      words[bus_req.addr[15:2]] <= bus_req.wdata;
      unique case (bus_req.addr)
        Bench + 16'h00: ended_q <= 1'b1;
        Bench + 16'h04: timer_in_q <= bus_req.wdata;
        Bench + 16'h08: external_in_q <= bus_req.wdata;
        Bench + 16'h0c: begin
          irq_timer_q <= 1'b0;
          irq_external_q <= 1'b0;
        end
        Bench + 16'h18: if (in_rom != bus_req.wdata[0]) fail("in_rom_o");
        Bench + 16'h24: begin
          if (bus_req.wdata != sequence_q + 1) fail("register writes come once, in order");
          sequence_q <= bus_req.wdata;
        end
        default: ;
      endcase
    end else if (bus_req.valid) begin
      unique case (bus_req.addr)
        Bench + 16'h14: bus_rdata_q <= pass;
        Bench + 16'h28: begin
          bus_rdata_q <= reads_q;
          reads_q <= reads_q + 1;
        end
        default: bus_rdata_q <= words[bus_req.addr[15:2]];
      endcase
    end
  end

  // ---------------------------------------------------------------- console
  string line;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      line = "";
    end else if (console_valid && console_char == 8'h0a) begin
      $display("%s (pass %0d)", line, pass);
      reports = reports + 1;
      if (line.len() < 2 || line.substr(0, 1) != "ok") failures = failures + 1;
      line = "";
    end else if (console_valid) begin
      line = {line, string'(console_char)};
    end
  end

  // ---------------------------------------------------------------- the DMA side
  function automatic logic [14:0] foreign_word();
    logic [14:0] word;
    word = 15'($urandom);
    // Often the same few lines, so that accesses meet.
    if (($urandom & 3) == 0) word = 15'(OwnWords) + (word & 15'h3f);
    if (($urandom & 3) == 0) word = 15'(CodeWords + OwnWords) + (word & 15'h3f);
    foreign_word = word;
  endfunction

  function automatic logic is_foreign(input logic [14:0] word);
    is_foreign = word >= 15'(OwnWords) && word < 15'(Words - StackWords) &&
                 (word < 15'(CodeWords) || word >= 15'(CodeWords + OwnWords));
  endfunction

  logic [14:0] next_word;

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Clients; i++) begin
      if (!tcm_req_q[i] || tcm_gnt[i]) begin
        next_word = foreign_word();
        tcm_req_q[i] <= ($urandom & 15) < rate;
        tcm_we_q[i] <= ($urandom & 1) == 0 && is_foreign(next_word);
        tcm_addr_q[i*15 +: 15] <= next_word;
        tcm_wdata_q[i*64 +: 64] <= {$urandom, $urandom};
        tcm_be_q[i*8 +: 8] <= 8'($urandom);
      end
    end
  end

  // Each gets its turn in a round.
  int unsigned waited_q [Clients];

  always_ff @(posedge clk_i) begin
    if ((tcm_gnt & ~tcm_req_q) != '0) fail("grants are asked for");
    if (tcm_req_q != '0 && $countones(tcm_gnt) != 1) fail("one grant a cycle");
    for (int unsigned i = 0; i < Clients; i++) begin
      waited_q[i] <= (tcm_req_q[i] && !tcm_gnt[i]) ? waited_q[i] + 1 : 0;
      if (tcm_req_q[i] && waited_q[i] >= Clients) fail("a client waits for more than a round");
    end
  end

  // ---------------------------------------------------------------- model of the TCM
  // Bytes that nobody has written are not compared.
  logic [63:0] memory [Words];
  logic [7:0]  known [Words];
  logic        read_q, load_q, fetch_q;

  initial begin
    for (int unsigned i = 0; i < Words; i++) known[i] = '0;
    read_q = 1'b0;
    load_q = 1'b0;
    fetch_q = 1'b0;
  end

  function automatic logic [63:0] lanes(input logic [7:0] be);
    for (int unsigned i = 0; i < 8; i++) lanes[i*8 +: 8] = {8{be[i]}};
  endfunction

  function automatic void put(input logic [14:0] word, input logic [7:0] be,
                              input logic [63:0] data);
    memory[word] = (memory[word] & ~lanes(be)) | (data & lanes(be));
    known[word] = known[word] | be;
  endfunction

  logic [63:0] read_expect_q, read_mask_q, load_expect_q, load_mask_q, fetch_expect_q, fetch_mask_q;
  logic [14:0] load_word, fetch_word;
  logic        core_store, upper_q;

  assign load_word = u_mcu.data_addr[17:3];
  assign fetch_word = u_mcu.instr_addr[17:3];
  assign core_store = u_mcu.data_req && u_mcu.data_gnt && u_mcu.data_tcm && u_mcu.data_we;

  always_ff @(posedge clk_i) begin
    if (read_q) begin
      checked_reads = checked_reads + 1;
      if (((tcm_rdata ^ read_expect_q) & read_mask_q) != '0) fail("a read of the DMA side");
    end
    if (load_q) begin
      checked_loads = checked_loads + 1;
      if (upper_q) begin
        if (((u_mcu.data_rdata ^ load_expect_q[63:32]) & load_mask_q[63:32]) != '0) fail("a load");
      end else begin
        if (((u_mcu.data_rdata ^ load_expect_q[31:0]) & load_mask_q[31:0]) != '0) fail("a load");
      end
    end
    if (fetch_q) begin
      checked_fetches = checked_fetches + 1;
      if (((u_mcu.instr_rdata ^ fetch_expect_q) & fetch_mask_q) != '0) fail("a fetch");
    end

    // What is read in this cycle is from before what is written in it.
    read_q <= (tcm_gnt & ~tcm_we_q) != '0;
    load_q <= u_mcu.data_req && u_mcu.data_gnt && u_mcu.data_tcm && !u_mcu.data_we;
    upper_q <= u_mcu.data_addr[2];
    load_expect_q <= memory[load_word];
    load_mask_q <= lanes(known[load_word]);
    fetch_q <= u_mcu.instr_req && u_mcu.instr_gnt && u_mcu.instr_tcm;
    fetch_expect_q <= memory[fetch_word];
    fetch_mask_q <= lanes(known[fetch_word]);
    for (int unsigned i = 0; i < Clients; i++) begin
      if (tcm_gnt[i]) begin
        read_expect_q <= memory[tcm_addr_q[i*15 +: 15]];
        read_mask_q <= lanes(known[tcm_addr_q[i*15 +: 15]]);
      end
    end
    if (core_store) begin
      put(load_word, u_mcu.data_addr[2] ? {u_mcu.data_be, 4'h0} : {4'h0, u_mcu.data_be},
          {u_mcu.data_wdata, u_mcu.data_wdata});
    end
    for (int unsigned i = 0; i < Clients; i++) begin
      if (tcm_gnt[i] && tcm_we_q[i]) begin
        put(tcm_addr_q[i*15 +: 15], tcm_be_q[i*8 +: 8], tcm_wdata_q[i*64 +: 64]);
      end
    end
  end

endmodule
