// SPDX-License-Identifier: MIT
// BAR0 block INJECT: faults on demand, for tests of drivers.

module sl200_inject (
  input  logic        clk_i,
  input  logic        rst_ni,          // rst_chip_no
  input  logic        rst_func_ni,     // brings the BARs back
  input  sl200_pkg::reg_req_t reg_req_i,
  output logic [31:0] reg_rdata_o,
  output logic        crash_o,         // pulse: halt the MCU
  output logic        all_ones_o,      // level: the BARs are off the bus
  // Levels with a pulse each for what was used of them.
  output logic [sl200_pkg::NumEngines-1:0] hang_o,
  input  logic [sl200_pkg::NumEngines-1:0] hang_taken_i,
  output logic [sl200_pkg::NumEngines-1:0] error_o,
  input  logic [sl200_pkg::NumEngines-1:0] error_taken_i,
  output logic        drop_o,
  input  logic        drop_taken_i,
  output logic        corrupt_o,
  input  logic        corrupt_taken_i,
  output logic        ecc_corrected_o,
  output logic        ecc_uncorrected_o,
  input  logic        ecc_taken_i
);

  localparam int unsigned NumEngines = sl200_pkg::NumEngines;

  logic [31:0]           addr, wdata;
  logic                  read, write;
  logic [31:0]           rdata_q;
  logic [NumEngines-1:0] hang_q, error_q;
  logic [31:0]           drop_q, corrupt_q;
  logic [15:0]           corrected_q, uncorrected_q;
  logic                  all_ones_q;

  assign addr = {16'h0, reg_req_i.addr};
  assign wdata = reg_req_i.wdata;
  assign read = reg_req_i.valid && !reg_req_i.write;
  assign write = reg_req_i.valid && reg_req_i.write;

  // What the host writes replaces what is left, also of a use in the same cycle.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      hang_q <= '0;
      error_q <= '0;
      drop_q <= '0;
      corrupt_q <= '0;
      corrected_q <= '0;
      uncorrected_q <= '0;
    end else begin
      hang_q <= hang_q & ~hang_taken_i;
      error_q <= error_q & ~error_taken_i;
      if (drop_taken_i) drop_q <= drop_q - 1'b1;
      if (corrupt_taken_i) corrupt_q <= corrupt_q - 1'b1;
      if (ecc_taken_i) begin
        if (corrected_q != '0) corrected_q <= corrected_q - 1'b1;
        else uncorrected_q <= uncorrected_q - 1'b1;
      end
      if (write) begin
        unique case (addr)
          sl200_regs_pkg::InjectEngineHangAddr:  hang_q <= wdata[NumEngines-1:0];
          sl200_regs_pkg::InjectEngineErrorAddr: error_q <= wdata[NumEngines-1:0];
          sl200_regs_pkg::InjectDropIrqAddr:     drop_q <= wdata;
          sl200_regs_pkg::InjectCorruptCqeAddr:  corrupt_q <= wdata;
          sl200_regs_pkg::InjectEccAddr: begin
            corrected_q <= wdata[sl200_regs_pkg::InjectEccCorrectedLsb +: 16];
            uncorrected_q <= wdata[sl200_regs_pkg::InjectEccUncorrectedLsb +: 16];
          end
          default: ;
        endcase
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_func_ni) begin
      all_ones_q <= 1'b0;
    end else if (write && (addr == sl200_regs_pkg::InjectAllOnesAddr) && (wdata == 32'd1)) begin
      all_ones_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    rdata_q <= '0;
    if (read) begin
      unique case (addr)
        sl200_regs_pkg::InjectCtrlAddr:        rdata_q <= sl200_regs_pkg::InjectCtrlReset;
        sl200_regs_pkg::InjectEngineHangAddr:  rdata_q[NumEngines-1:0] <= hang_q;
        sl200_regs_pkg::InjectEngineErrorAddr: rdata_q[NumEngines-1:0] <= error_q;
        sl200_regs_pkg::InjectDropIrqAddr:     rdata_q <= drop_q;
        sl200_regs_pkg::InjectCorruptCqeAddr:  rdata_q <= corrupt_q;
        sl200_regs_pkg::InjectEccAddr: begin
          rdata_q[sl200_regs_pkg::InjectEccCorrectedLsb +: 16] <= corrected_q;
          rdata_q[sl200_regs_pkg::InjectEccUncorrectedLsb +: 16] <= uncorrected_q;
        end
        default: ;
      endcase
    end
  end

  assign reg_rdata_o = rdata_q;
  assign crash_o = write && (addr == sl200_regs_pkg::InjectMcuCrashAddr) && (wdata == 32'd1);
  assign all_ones_o = all_ones_q;
  assign hang_o = hang_q;
  assign error_o = error_q;
  assign drop_o = drop_q != '0;
  assign corrupt_o = corrupt_q != '0;
  assign ecc_corrected_o = corrected_q != '0;
  assign ecc_uncorrected_o = (uncorrected_q != '0) && (corrected_q == '0);  // corrected ones first

endmodule
