// SPDX-License-Identifier: MIT
// The management processor: core, boot ROM, tightly coupled memory and the way to the registers.
// Accesses to anything else, stores to the ROM and stores of less than a word to registers are
// access faults. While rst_ni holds the core, the DMA side goes on and the TCM keeps its contents.

module sl200_mcu #(
  parameter RomFile = "",
  // Clients of the TCM: 0 is the MDMA, 1 + n is engine n.
  parameter int unsigned NumTcmClients = 1 + sl200_pkg::NumEngines
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        halt_i,
  input  logic                        irq_external_i,
  input  logic                        irq_timer_i,

  output sl200_pkg::reg_req_t         bus_req_o,
  input  logic [31:0]                 bus_rdata_i,

  input  logic [NumTcmClients-1:0]    tcm_req_i,
  input  logic [NumTcmClients-1:0]    tcm_we_i,
  input  logic [NumTcmClients*15-1:0] tcm_addr_i,
  input  logic [NumTcmClients*64-1:0] tcm_wdata_i,
  input  logic [NumTcmClients*8-1:0]  tcm_be_i,
  output logic [NumTcmClients-1:0]    tcm_gnt_o,
  output logic [63:0]                 tcm_rdata_o,

  output logic                        sleeping_o,
  output logic                        in_rom_o,
  output logic                        retire_o,
  output logic                        console_valid_o,
  output logic [7:0]                  console_char_o,

  // The core's retirement trace.
  output logic                        rvfi_valid_o,
  output logic                        rvfi_trap_o,
  output logic                        rvfi_intr_o,
  output logic [63:0]                 rvfi_order_o,
  output logic [31:0]                 rvfi_insn_o,
  output logic [31:0]                 rvfi_pc_rdata_o,
  output logic [31:0]                 rvfi_pc_wdata_o,
  output logic [4:0]                  rvfi_rd_addr_o,
  output logic [31:0]                 rvfi_rd_wdata_o,
  output logic [31:0]                 rvfi_mem_addr_o,
  output logic [3:0]                  rvfi_mem_rmask_o,
  output logic [3:0]                  rvfi_mem_wmask_o,
  output logic [31:0]                 rvfi_mem_rdata_o,
  output logic [31:0]                 rvfi_mem_wdata_o
);

  localparam int unsigned RomBits = $clog2(sl200_abi_pkg::McuRomSize);
  localparam int unsigned TcmBits = $clog2(sl200_abi_pkg::McuTcmSize);
  localparam int unsigned BusBits = 16;

  // ---------------------------------------------------------------- core
  logic        instr_req, instr_gnt, instr_err;
  logic [31:0] instr_addr;
  logic [63:0] instr_rdata;
  logic        data_req, data_we, data_gnt, data_err;
  logic [3:0]  data_be;
  logic [31:0] data_addr, data_wdata, data_rdata;
  logic [31:0] pc;

  sl200_rv_core u_core (
    .clk_i,
    .rst_ni,
    .boot_addr_i(sl200_abi_pkg::McuRomBase),
    .halt_i,
    .instr_req_o(instr_req),
    .instr_addr_o(instr_addr),
    .instr_gnt_i(instr_gnt),
    .instr_rdata_i(instr_rdata),
    .instr_err_i(instr_err),
    .data_req_o(data_req),
    .data_we_o(data_we),
    .data_be_o(data_be),
    .data_addr_o(data_addr),
    .data_wdata_o(data_wdata),
    .data_gnt_i(data_gnt),
    .data_rdata_i(data_rdata),
    .data_err_i(data_err),
    .irq_timer_i,
    .irq_external_i,
    .sleeping_o,
    .pc_o(pc),
    .rvfi_valid_o,
    .rvfi_trap_o,
    .rvfi_intr_o,
    .rvfi_order_o,
    .rvfi_insn_o,
    .rvfi_pc_rdata_o,
    .rvfi_pc_wdata_o,
    .rvfi_rd_addr_o,
    .rvfi_rd_wdata_o,
    .rvfi_mem_addr_o,
    .rvfi_mem_rmask_o,
    .rvfi_mem_wmask_o,
    .rvfi_mem_rdata_o,
    .rvfi_mem_wdata_o
  );

  assign retire_o = rvfi_valid_o && !rvfi_trap_o;
  assign in_rom_o = pc[31:RomBits] == sl200_abi_pkg::McuRomBase[31:RomBits];

  // ---------------------------------------------------------------- address decoder
  logic instr_rom, instr_tcm, data_rom, data_tcm, data_bus;

  assign instr_rom = instr_addr[31:RomBits] == sl200_abi_pkg::McuRomBase[31:RomBits];
  assign instr_tcm = instr_addr[31:TcmBits] == sl200_abi_pkg::McuTcmBase[31:TcmBits];
  assign data_rom = data_addr[31:RomBits] == sl200_abi_pkg::McuRomBase[31:RomBits] && !data_we;
  assign data_tcm = data_addr[31:TcmBits] == sl200_abi_pkg::McuTcmBase[31:TcmBits];
  // The bus has no byte enables.
  assign data_bus = data_addr[31:BusBits] == sl200_regs_pkg::SysBase[31:BusBits] &&
                    (!data_we || data_be == 4'hf);

  logic tcm_data_gnt, tcm_fetch_gnt;

  assign data_gnt = data_tcm ? tcm_data_gnt : data_req;
  assign instr_gnt = instr_tcm ? tcm_fetch_gnt :
                     instr_req && !(instr_rom && data_req && data_rom);

  // ---------------------------------------------------------------- registers
  assign bus_req_o.valid = data_req && data_bus;
  assign bus_req_o.write = data_we;
  assign bus_req_o.addr = data_addr[BusBits-1:0];
  assign bus_req_o.wdata = data_wdata;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      console_valid_o <= 1'b0;
    end else begin
      console_valid_o <= bus_req_o.valid && data_we && data_addr == sl200_regs_pkg::ConsoleTxAddr;
    end
    if (bus_req_o.valid) console_char_o <= data_wdata[7:0];
  end

  // ---------------------------------------------------------------- ROM: loads before fetches
  logic        rom_load;
  logic [31:0] rom_addr;
  logic [63:0] rom_rdata;

  assign rom_load = data_req && data_rom;
  assign rom_addr = rom_load ? data_addr : instr_addr;

  sl200_rom #(
    .RomFile(RomFile)
  ) u_rom (
    .clk_i,
    .re_i(rom_load || (instr_req && instr_rom)),
    .addr_i(rom_addr[RomBits-1:3]),
    .rdata_o(rom_rdata)
  );

  // ---------------------------------------------------------------- TCM
  logic [63:0] tcm_fetch_rdata, tcm_data_rdata;

  sl200_tcm #(
    .NumClients(NumTcmClients)
  ) u_tcm (
    .clk_i,
    .rst_ni,
    .fetch_req_i(instr_req && instr_tcm),
    .fetch_addr_i(instr_addr[TcmBits-1:3]),
    .fetch_gnt_o(tcm_fetch_gnt),
    .fetch_rdata_o(tcm_fetch_rdata),
    .data_req_i(data_req && data_tcm),
    .data_we_i(data_we),
    .data_be_i(data_addr[2] ? {data_be, 4'b0} : {4'b0, data_be}),
    .data_addr_i(data_addr[TcmBits-1:3]),
    .data_wdata_i({data_wdata, data_wdata}),
    .data_gnt_o(tcm_data_gnt),
    .data_rdata_o(tcm_data_rdata),
    .tcm_req_i,
    .tcm_we_i,
    .tcm_addr_i,
    .tcm_wdata_i,
    .tcm_be_i,
    .tcm_gnt_o,
    .tcm_rdata_o
  );

  // ---------------------------------------------------------------- answers
  logic instr_tcm_q, instr_err_q, data_tcm_q, data_rom_q, data_upper_q, data_err_q;

  always_ff @(posedge clk_i) begin
    if (instr_req && instr_gnt) begin
      instr_tcm_q <= instr_tcm;
      instr_err_q <= !instr_rom && !instr_tcm;
    end
    if (data_req && data_gnt) begin
      data_tcm_q <= data_tcm;
      data_rom_q <= data_rom;
      data_upper_q <= data_addr[2];
      data_err_q <= !data_rom && !data_tcm && !data_bus;
    end
  end

  assign instr_rdata = instr_tcm_q ? tcm_fetch_rdata : rom_rdata;
  assign instr_err = instr_err_q;
  assign data_err = data_err_q;

  logic [63:0] data_window;

  assign data_window = data_tcm_q ? tcm_data_rdata : rom_rdata;

  always_comb begin
    if (!data_tcm_q && !data_rom_q) data_rdata = bus_rdata_i;
    else if (data_upper_q) data_rdata = data_window[63:32];
    else data_rdata = data_window[31:0];
  end

  logic unused;
  assign unused = ^{rom_addr[31:RomBits], rom_addr[2:0], instr_addr[2:0], data_addr[1:0],
                    pc[RomBits-1:0]};

endmodule
