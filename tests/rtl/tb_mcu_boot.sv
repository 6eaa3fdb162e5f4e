// SPDX-License-Identifier: MIT
// Product firmware on the MCU: the boot ROM, the signed image, the main loop. What stands around
// the MCU is in mcu_boot_ref.c; here are the wires, and traffic on the TCM that must not matter.
//
//   +rom=FILE, +image=FILE   default: what the build made
//   +seed=N                  of the traffic

module tb (
  input logic clk_i
);

  import "DPI-C" function int mcu_boot_begin(input string image, input int number);
  import "DPI-C" function int mcu_boot_cycle(input bit sleeping);
  import "DPI-C" function int unsigned mcu_boot_read(input int unsigned addr);
  import "DPI-C" function void mcu_boot_write(input int unsigned addr, input int unsigned value);
  import "DPI-C" function int mcu_boot_mdma_next(output bit [14:0] word, output byte unsigned be,
                                                 output longint unsigned data);
  import "DPI-C" function void mcu_boot_mdma_data(input longint unsigned data);
  import "DPI-C" function int mcu_boot_failures();

  localparam int unsigned Clients = 1 + sl200_pkg::NumEngines;
  localparam int unsigned ResetCycles = 4;

  // ---------------------------------------------------------------- scenarios
  string image;
  int    seed, number, traffic;

  initial begin
    if (!$value$plusargs("image=%s", image)) image = "build/firmware/sl200.fw";
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    $display("# seed %0d", seed);
    void'($urandom(seed));
    number = 0;
  end

  logic [2:0] levels_q;
  int   held_q;
  logic started_q;
  logic rst_n;

  initial begin
    started_q = 1'b0;
    held_q = 0;
    rom_cycles_q = 0;
  end

  always_ff @(posedge clk_i) begin
    if (!started_q || levels_q[2]) begin
      traffic = mcu_boot_begin(image, number);
      number = number + 1;
      started_q <= 1'b1;
      held_q <= 0;
      levels_q <= '0;
      if (traffic == 0) begin
        if (mcu_boot_failures() != 0) $display("not ok - %0d checks", mcu_boot_failures());
        $finish;
      end
    end else if (held_q < ResetCycles) begin
      held_q <= held_q + 1;
    end else begin
      levels_q <= 3'(mcu_boot_cycle(sleeping));
    end
  end

  assign rst_n = started_q && held_q == ResetCycles;

  // ---------------------------------------------------------------- the MCU
  sl200_pkg::reg_req_t     bus_req;
  logic [31:0]             bus_rdata_q;
  logic [Clients-1:0]      tcm_req, tcm_we, tcm_gnt;
  logic [Clients*15-1:0]   tcm_addr;
  logic [Clients*64-1:0]   tcm_wdata;
  logic [Clients*8-1:0]    tcm_be;
  logic [63:0]             tcm_rdata;
  logic                    sleeping, in_rom, retire;

  /* verilator lint_off PINCONNECTEMPTY */
  sl200_mcu #(
    .RomFile("build/firmware/rom.hex")
  ) u_mcu (
    .clk_i,
    .rst_ni(rst_n),
    .halt_i(levels_q[1]),
    .irq_external_i(levels_q[0]),
    .irq_timer_i(1'b0),
    .bus_req_o(bus_req),
    .bus_rdata_i(bus_rdata_q),
    .tcm_req_i(tcm_req),
    .tcm_we_i(tcm_we),
    .tcm_addr_i(tcm_addr),
    .tcm_wdata_i(tcm_wdata),
    .tcm_be_i(tcm_be),
    .tcm_gnt_o(tcm_gnt),
    .tcm_rdata_o(tcm_rdata),
    .sleeping_o(sleeping),
    .in_rom_o(in_rom),
    .retire_o(retire),
    .console_valid_o(),
    .console_char_o(),
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

  always_ff @(posedge clk_i) begin
    bus_rdata_q <= '0;
    if (bus_req.valid && bus_req.write) begin
      mcu_boot_write(sl200_regs_pkg::SysBase + {16'b0, bus_req.addr}, bus_req.wdata);
    end else if (bus_req.valid) begin
      bus_rdata_q <= mcu_boot_read(sl200_regs_pkg::SysBase + {16'b0, bus_req.addr});
    end
  end

  // ---------------------------------------------------------------- MDMA
  int              kind;
  bit [14:0]       word;
  byte unsigned    be;
  longint unsigned data;
  logic            mdma_req_q, mdma_we_q, mdma_read_q, pause;
  logic [14:0]     mdma_addr_q;
  logic [63:0]     mdma_wdata_q;
  logic [7:0]      mdma_be_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      mdma_req_q <= 1'b0;
      mdma_read_q <= 1'b0;
    end else begin
      mdma_read_q <= mdma_req_q && !mdma_we_q && tcm_gnt[0];
      if (mdma_read_q) mcu_boot_mdma_data(tcm_rdata);
      pause = traffic[1] && ($urandom & 3) == 0;
      if (mdma_req_q && tcm_gnt[0]) mdma_req_q <= 1'b0;
      if ((!mdma_req_q || (tcm_gnt[0] && mdma_we_q)) && !mdma_read_q && !pause) begin
        kind = mcu_boot_mdma_next(word, be, data);
        mdma_req_q <= kind != 0;
        mdma_we_q <= kind == 2;
        mdma_addr_q <= word;
        mdma_wdata_q <= data;
        mdma_be_q <= be;
      end
    end
  end

  // ---------------------------------------------------------------- other readers
  logic [Clients-1:1]          other_req_q;
  logic [(Clients-1)*15-1:0]   other_addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      other_req_q <= '0;
    end else if (traffic[1]) begin
      for (int unsigned i = 1; i < Clients; i++) begin
        if (!other_req_q[i] || tcm_gnt[i]) begin
          other_req_q[i] <= ($urandom & 7) == 0;
          other_addr_q[(i-1)*15 +: 15] <= 15'($urandom);
        end
      end
    end
  end

  assign tcm_req = {other_req_q, mdma_req_q};
  assign tcm_we = {{(Clients-1){1'b0}}, mdma_we_q};
  assign tcm_addr = {other_addr_q, mdma_addr_q};
  assign tcm_wdata = {{((Clients-1)*64){1'b0}}, mdma_wdata_q};
  assign tcm_be = {{((Clients-1)*8){1'b0}}, mdma_be_q};

  // ---------------------------------------------------------------- instructions per step
  int unsigned rom_instructions_q, rom_cycles_q, tcm_instructions_q, tcm_cycles_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      if (rom_cycles_q != 0) begin
        $display("# ROM: %0d instructions in %0d cycles, TCM: %0d in %0d", rom_instructions_q,
                 rom_cycles_q, tcm_instructions_q, tcm_cycles_q);
      end
      rom_instructions_q <= 0;
      rom_cycles_q <= 0;
      tcm_instructions_q <= 0;
      tcm_cycles_q <= 0;
    end else if (!sleeping) begin
      if (in_rom) rom_cycles_q <= rom_cycles_q + 1;
      else tcm_cycles_q <= tcm_cycles_q + 1;
      if (in_rom && retire) rom_instructions_q <= rom_instructions_q + 1;
      if (!in_rom && retire) tcm_instructions_q <= tcm_instructions_q + 1;
    end
  end

endmodule
