// SPDX-License-Identifier: MIT
// The SL200 without its codecs: what its blocks are wired to. No logic lives here but the ORs of the
// register buses' answers.
//
// Outside are: the PCI Express controller, whose configuration space says bus_master_i, msix_* and flr_i,
// and which carries BAR accesses in, MSI-X messages out, and memory accesses by port 0; the DRAM
// controller at port 1; the flash controller at port 2; the card's always-on clock, time_i; fuses;
// sensors.

module sl200_chip #(
  localparam int unsigned NumTcmClients = 1 + sl200_pkg::NumEngines
) (
  input  logic         clk_i,
  input  logic         por_ni,

  input  logic [63:0]  time_i,
  input  logic [63:0]  dram_size_i,
  input  logic [63:0]  serial_i,
  input  logic [255:0] otp_key_i,
  input  logic [31:0]  otp_min_version_i,
  input  logic [31:0]  temp_i,
  input  logic [31:0]  power_i,

  input  logic         bus_master_i,
  input  logic         msix_enable_i,
  input  logic         msix_function_mask_i,
  input  logic         msix_emulated_i,
  input  logic         flr_i,
  output logic         flr_done_o,

  input  logic         host_valid_i,
  input  logic         host_write_i,
  input  logic [2:0]   host_bar_i,
  input  logic [27:0]  host_addr_i,
  input  logic [3:0]   host_size_i,
  input  logic [63:0]  host_wdata_i,
  output logic         host_ready_o,
  output logic         host_done_o,
  output logic         host_error_o,
  output logic [63:0]  host_rdata_o,

  output logic         msix_valid_o,
  output logic [5:0]   msix_vector_o,

  output logic [2:0]                             ar_valid_o,
  input  logic [2:0]                             ar_ready_i,
  output logic [3*sl200_pkg::PortReqWidth-1:0]   ar_o,
  input  logic [2:0]                             r_valid_i,
  output logic [2:0]                             r_ready_o,
  input  logic [3*sl200_pkg::BeatWidth-1:0]      r_data_i,
  input  logic [3*sl200_pkg::IdWidth-1:0]        r_id_i,
  input  logic [2:0]                             r_last_i,
  input  logic [3*2-1:0]                         r_resp_i,
  output logic [2:0]                             aw_valid_o,
  input  logic [2:0]                             aw_ready_i,
  output logic [3*sl200_pkg::PortReqWidth-1:0]   aw_o,
  output logic [2:0]                             w_valid_o,
  input  logic [2:0]                             w_ready_i,
  output logic [3*sl200_pkg::BeatWidth-1:0]      w_data_o,
  output logic [2:0]                             w_last_o,
  input  logic [2:0]                             b_valid_i,
  output logic [2:0]                             b_ready_o,
  input  logic [3*sl200_pkg::IdWidth-1:0]        b_id_i,
  input  logic [3*2-1:0]                         b_resp_i,

  output logic         console_valid_o,
  output logic [7:0]   console_char_o,

  // For the simulation: when only an input or the timer can change anything, and what a bench counts.
  output logic         idle_o,
  output logic         timer_armed_o,
  output logic [63:0]  timer_cmp_o,
  output logic         mcu_sleeping_o,
  output logic         probe_doorbell_o,
  output logic         probe_read_o,
  output logic         probe_written_o,
  output logic         probe_mdma_o,
  output logic         probe_retire_o
);

  localparam int unsigned N = sl200_pkg::NumEngines;
  localparam int unsigned C = sl200_pkg::NumClients;

  // -------------------------------------------------------------- resets, buses
  logic rst_core_n, rst_dma_n, rst_chip_n;
  logic quiesce, quiesced;

  sl200_pkg::reg_req_t bus_req, reg_req;
  logic [31:0]         bus_rdata_host, bus_rdata_fabric, bus_rdata_mdma, bus_rdata;
  logic [N*32-1:0]     bus_rdata_engine, reg_rdata_engine;
  logic [31:0]         reg_rdata;

  always_comb begin
    bus_rdata = bus_rdata_host | bus_rdata_fabric | bus_rdata_mdma;
    reg_rdata = '0;
    for (int unsigned i = 0; i < N; i++) begin
      bus_rdata = bus_rdata | bus_rdata_engine[i*32 +: 32];
      reg_rdata = reg_rdata | reg_rdata_engine[i*32 +: 32];
    end
  end

  // -------------------------------------------------------------- fabric clients
  logic [C-1:0]                           req_valid, req_ready, wvalid, wready;
  logic [C*sl200_pkg::MemReqWidth-1:0]    req;
  logic [C*sl200_pkg::BeatWidth-1:0]      wdata, rdata;
  logic [C-1:0]                           rvalid, rlast, bvalid;
  logic [C*sl200_pkg::TagWidth-1:0]       rtag, btag;
  logic [C*3-1:0]                         rreason, breason;

  // -------------------------------------------------------------- TCM clients
  logic [NumTcmClients-1:0]    tcm_req, tcm_we, tcm_gnt;
  logic [NumTcmClients*15-1:0] tcm_addr;
  logic [NumTcmClients*64-1:0] tcm_wdata;
  logic [NumTcmClients*8-1:0]  tcm_be;
  logic [63:0]                 tcm_rdata;

  // -------------------------------------------------------------- events
  logic         halt, irq_external, irq_timer, in_rom, host_idle, fabric_idle, mdma_idle;
  logic [N-1:0] engine_done, engine_reset, engine_idle;
  logic [15:0]  link_read, link_write, dram_read, dram_write;
  logic         mmu_fault, tlb_lookup, tlb_walk, tlb_walking, ecc_corrected, ecc_uncorrected;
  logic [N-1:0] inject_hang, inject_error, inject_hang_taken, inject_error_taken;
  logic         inject_corrupt, inject_corrupt_taken;
  logic         inject_ecc_corrected, inject_ecc_uncorrected, inject_ecc_taken;

  assign probe_mdma_o = ~mdma_idle;
  assign idle_o = (mcu_sleeping_o | halt | ~rst_core_n) & host_idle & fabric_idle & mdma_idle & (&engine_idle);

  sl200_mcu u_mcu (
    .clk_i,
    .rst_ni          (rst_core_n),
    .halt_i          (halt),
    .irq_external_i  (irq_external),
    .irq_timer_i     (irq_timer),
    .bus_req_o       (bus_req),
    .bus_rdata_i     (bus_rdata),
    .tcm_req_i       (tcm_req),
    .tcm_we_i        (tcm_we),
    .tcm_addr_i      (tcm_addr),
    .tcm_wdata_i     (tcm_wdata),
    .tcm_be_i        (tcm_be),
    .tcm_gnt_o       (tcm_gnt),
    .tcm_rdata_o     (tcm_rdata),
    .sleeping_o      (mcu_sleeping_o),
    .in_rom_o        (in_rom),
    .retire_o        (probe_retire_o),
    .console_valid_o,
    .console_char_o,
    .rvfi_valid_o (),
    .rvfi_trap_o (),
    .rvfi_intr_o (),
    .rvfi_order_o (),
    .rvfi_insn_o (),
    .rvfi_pc_rdata_o (),
    .rvfi_pc_wdata_o (),
    .rvfi_rd_addr_o (),
    .rvfi_rd_wdata_o (),
    .rvfi_mem_addr_o (),
    .rvfi_mem_rmask_o (),
    .rvfi_mem_wmask_o (),
    .rvfi_mem_rdata_o (),
    .rvfi_mem_wdata_o ()
  );

  sl200_host u_host (
    .clk_i,
    .por_ni,
    .time_i,
    .dram_size_i,
    .serial_i,
    .otp_key_i,
    .otp_min_version_i,
    .temp_i,
    .power_i,
    .bus_master_i,
    .msix_enable_i,
    .msix_function_mask_i,
    .msix_emulated_i,
    .flr_i,
    .flr_done_o,
    .host_valid_i,
    .host_write_i,
    .host_bar_i,
    .host_addr_i,
    .host_size_i,
    .host_wdata_i,
    .host_ready_o,
    .host_done_o,
    .host_error_o,
    .host_rdata_o,
    .rst_core_no              (rst_core_n),
    .rst_dma_no               (rst_dma_n),
    .rst_chip_no              (rst_chip_n),
    .rst_func_no              (),
    .quiesce_o                (quiesce),
    .quiesced_i               (quiesced),
    .bus_req_i                (bus_req),
    .bus_rdata_o              (bus_rdata_host),
    .halt_o                   (halt),
    .irq_external_o           (irq_external),
    .irq_timer_o              (irq_timer),
    .mcu_sleeping_i           (mcu_sleeping_o),
    .mcu_in_rom_i             (in_rom),
    .reg_req_o                (reg_req),
    .reg_rdata_i              (reg_rdata),
    .engine_done_i            (engine_done),
    .engine_reset_i           (|engine_reset),
    .link_read_i              (link_read),
    .link_write_i             (link_write),
    .dram_read_i              (dram_read),
    .dram_write_i             (dram_write),
    .mmu_fault_i              (mmu_fault),
    .tlb_lookup_i             (tlb_lookup),
    .tlb_walk_i               (tlb_walk),
    .tlb_walking_i            (tlb_walking),
    .ecc_corrected_i          (ecc_corrected),
    .ecc_uncorrected_i        (ecc_uncorrected),
    .inject_hang_o            (inject_hang),
    .inject_error_o           (inject_error),
    .inject_hang_taken_i      (inject_hang_taken),
    .inject_error_taken_i     (inject_error_taken),
    .inject_corrupt_o         (inject_corrupt),
    .inject_corrupt_taken_i   (inject_corrupt_taken),
    .inject_ecc_corrected_o   (inject_ecc_corrected),
    .inject_ecc_uncorrected_o (inject_ecc_uncorrected),
    .inject_ecc_taken_i       (inject_ecc_taken),
    .msix_valid_o,
    .msix_vector_o,
    .ap_req_valid_o           (req_valid[sl200_pkg::ClientAperture]),
    .ap_req_o                 (req[sl200_pkg::ClientAperture*sl200_pkg::MemReqWidth +: sl200_pkg::MemReqWidth]),
    .ap_req_ready_i           (req_ready[sl200_pkg::ClientAperture]),
    .ap_wvalid_o              (wvalid[sl200_pkg::ClientAperture]),
    .ap_wdata_o               (wdata[sl200_pkg::ClientAperture*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
    .ap_wready_i              (wready[sl200_pkg::ClientAperture]),
    .ap_rvalid_i              (rvalid[sl200_pkg::ClientAperture]),
    .ap_rdata_i               (rdata[sl200_pkg::ClientAperture*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
    .ap_rreason_i             (rreason[sl200_pkg::ClientAperture*3 +: 3]),
    .ap_bvalid_i              (bvalid[sl200_pkg::ClientAperture]),
    .ap_breason_i             (breason[sl200_pkg::ClientAperture*3 +: 3]),
    .probe_doorbell_o,
    .idle_o                   (host_idle),
    .timer_armed_o,
    .timer_cmp_o
  );

  sl200_fabric u_fabric (
    .clk_i,
    .rst_ni                   (rst_dma_n),
    .bus_master_i,
    .quiesce_i                (quiesce),
    .quiesced_o               (quiesced),
    .idle_o                   (fabric_idle),
    .dram_size_i,
    .bus_req_i                (bus_req),
    .bus_rdata_o              (bus_rdata_fabric),
    .req_valid_i              (req_valid),
    .req_ready_o              (req_ready),
    .req_i                    (req),
    .wvalid_i                 (wvalid),
    .wready_o                 (wready),
    .wdata_i                  (wdata),
    .rvalid_o                 (rvalid),
    .rtag_o                   (rtag),
    .rdata_o                  (rdata),
    .rlast_o                  (rlast),
    .rreason_o                (rreason),
    .bvalid_o                 (bvalid),
    .btag_o                   (btag),
    .breason_o                (breason),
    .ar_valid_o,
    .ar_ready_i,
    .ar_o,
    .r_valid_i,
    .r_ready_o,
    .r_data_i,
    .r_id_i,
    .r_last_i,
    .r_resp_i,
    .aw_valid_o,
    .aw_ready_i,
    .aw_o,
    .w_valid_o,
    .w_ready_i,
    .w_data_o,
    .w_last_o,
    .b_valid_i,
    .b_ready_o,
    .b_id_i,
    .b_resp_i,
    .link_read_o              (link_read),
    .link_write_o             (link_write),
    .dram_read_o              (dram_read),
    .dram_write_o             (dram_write),
    .mmu_fault_o              (mmu_fault),
    .tlb_lookup_o             (tlb_lookup),
    .tlb_walk_o               (tlb_walk),
    .tlb_walking_o            (tlb_walking),
    .ecc_corrected_o          (ecc_corrected),
    .ecc_uncorrected_o        (ecc_uncorrected),
    .inject_ecc_corrected_i   (inject_ecc_corrected),
    .inject_ecc_uncorrected_i (inject_ecc_uncorrected),
    .inject_ecc_taken_o       (inject_ecc_taken)
  );

  sl200_mdma u_mdma (
    .clk_i,
    .rst_ni                 (rst_dma_n),
    .bus_req_i              (bus_req),
    .bus_rdata_o            (bus_rdata_mdma),
    .tcm_req_o              (tcm_req[0]),
    .tcm_we_o               (tcm_we[0]),
    .tcm_addr_o             (tcm_addr[0 +: 15]),
    .tcm_wdata_o            (tcm_wdata[0 +: 64]),
    .tcm_be_o               (tcm_be[0 +: 8]),
    .tcm_gnt_i              (tcm_gnt[0]),
    .tcm_rdata_i            (tcm_rdata),
    .req_valid_o            (req_valid[sl200_pkg::ClientMdma]),
    .req_o                  (req[sl200_pkg::ClientMdma*sl200_pkg::MemReqWidth +: sl200_pkg::MemReqWidth]),
    .req_ready_i            (req_ready[sl200_pkg::ClientMdma]),
    .wvalid_o               (wvalid[sl200_pkg::ClientMdma]),
    .wdata_o                (wdata[sl200_pkg::ClientMdma*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
    .wready_i               (wready[sl200_pkg::ClientMdma]),
    .rvalid_i               (rvalid[sl200_pkg::ClientMdma]),
    .rtag_i                 (rtag[sl200_pkg::ClientMdma*sl200_pkg::TagWidth +: sl200_pkg::TagWidth]),
    .rdata_i                (rdata[sl200_pkg::ClientMdma*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
    .rlast_i                (rlast[sl200_pkg::ClientMdma]),
    .rreason_i              (rreason[sl200_pkg::ClientMdma*3 +: 3]),
    .bvalid_i               (bvalid[sl200_pkg::ClientMdma]),
    .btag_i                 (btag[sl200_pkg::ClientMdma*sl200_pkg::TagWidth +: sl200_pkg::TagWidth]),
    .breason_i              (breason[sl200_pkg::ClientMdma*3 +: 3]),
    .inject_corrupt_i       (inject_corrupt),
    .inject_corrupt_taken_o (inject_corrupt_taken),
    .idle_o                 (mdma_idle),
    .probe_read_o,
    .probe_written_o
  );

  // -------------------------------------------------------------- engines in their slots
  for (genvar i = 0; i < N; i++) begin : g_engine
    localparam int unsigned Client = sl200_pkg::ClientEngine + i;
    localparam logic [31:0] Kind = i == sl200_pkg::CrcSlot ? sl200_abi_pkg::EngineCrc
                                                           : sl200_abi_pkg::EngineDma;

    logic                job_start, job_abort, job_idle, job_end_valid;
    logic                job_stall_in, job_stall_out, job_tcm_req, job_tcm_gnt;
    logic [15:0]         job_asid, job_read, job_written;
    logic [17:0]         job_addr;
    logic [14:0]         job_tcm_addr;
    sl200_pkg::job_end_t job_end;

    sl200_engine_slot #(
      .Index     (i),
      .Kind      (Kind),
      .CapFlags  (32'd0),
      .CapDim    (32'd0),
      .CapLimits (32'd0)
    ) u_slot (
      .clk_i,
      .rst_ni               (rst_dma_n),
      .rst_chip_ni          (rst_chip_n),
      .time_i,
      .bus_req_i            (bus_req),
      .bus_rdata_o          (bus_rdata_engine[i*32 +: 32]),
      .reg_req_i            (reg_req),
      .reg_rdata_o          (reg_rdata_engine[i*32 +: 32]),
      .tcm_req_o            (tcm_req[1+i]),
      .tcm_we_o             (tcm_we[1+i]),
      .tcm_addr_o           (tcm_addr[(1+i)*15 +: 15]),
      .tcm_wdata_o          (tcm_wdata[(1+i)*64 +: 64]),
      .tcm_be_o             (tcm_be[(1+i)*8 +: 8]),
      .tcm_gnt_i            (tcm_gnt[1+i]),
      .job_start_o          (job_start),
      .job_asid_o           (job_asid),
      .job_addr_o           (job_addr),
      .job_abort_o          (job_abort),
      .job_idle_i           (job_idle),
      .job_end_valid_i      (job_end_valid),
      .job_end_i            (job_end),
      .job_read_i           (job_read),
      .job_written_i        (job_written),
      .job_stall_in_i       (job_stall_in),
      .job_stall_out_i      (job_stall_out),
      .job_tcm_req_i        (job_tcm_req),
      .job_tcm_addr_i       (job_tcm_addr),
      .job_tcm_gnt_o        (job_tcm_gnt),
      .done_o               (engine_done[i]),
      .engine_reset_o       (engine_reset[i]),
      .idle_o               (engine_idle[i]),
      .inject_hang_i        (inject_hang[i]),
      .inject_error_i       (inject_error[i]),
      .inject_hang_taken_o  (inject_hang_taken[i]),
      .inject_error_taken_o (inject_error_taken[i])
    );

    if (i == sl200_pkg::CrcSlot) begin : g_crc
      sl200_crc u_engine (
        .clk_i,
        .rst_ni          (rst_dma_n),
        .job_start_i     (job_start),
        .job_asid_i      (job_asid),
        .job_addr_i      (job_addr),
        .job_abort_i     (job_abort),
        .job_idle_o      (job_idle),
        .job_end_valid_o (job_end_valid),
        .job_end_o       (job_end),
        .job_read_o      (job_read),
        .job_written_o   (job_written),
        .job_stall_in_o  (job_stall_in),
        .job_stall_out_o (job_stall_out),
        .job_tcm_req_o   (job_tcm_req),
        .job_tcm_addr_o  (job_tcm_addr),
        .job_tcm_gnt_i   (job_tcm_gnt),
        .tcm_rdata_i     (tcm_rdata),
        .req_valid_o     (req_valid[Client]),
        .req_o           (req[Client*sl200_pkg::MemReqWidth +: sl200_pkg::MemReqWidth]),
        .req_ready_i     (req_ready[Client]),
        .wvalid_o        (wvalid[Client]),
        .wdata_o         (wdata[Client*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
        .wready_i        (wready[Client]),
        .rvalid_i        (rvalid[Client]),
        .rtag_i          (rtag[Client*sl200_pkg::TagWidth +: sl200_pkg::TagWidth]),
        .rdata_i         (rdata[Client*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
        .rlast_i         (rlast[Client]),
        .rreason_i       (rreason[Client*3 +: 3]),
        .bvalid_i        (bvalid[Client]),
        .btag_i          (btag[Client*sl200_pkg::TagWidth +: sl200_pkg::TagWidth]),
        .breason_i       (breason[Client*3 +: 3])
      );
    end else begin : g_dma
      sl200_dma u_engine (
        .clk_i,
        .rst_ni          (rst_dma_n),
        .job_start_i     (job_start),
        .job_asid_i      (job_asid),
        .job_addr_i      (job_addr),
        .job_abort_i     (job_abort),
        .job_idle_o      (job_idle),
        .job_end_valid_o (job_end_valid),
        .job_end_o       (job_end),
        .job_read_o      (job_read),
        .job_written_o   (job_written),
        .job_stall_in_o  (job_stall_in),
        .job_stall_out_o (job_stall_out),
        .job_tcm_req_o   (job_tcm_req),
        .job_tcm_addr_o  (job_tcm_addr),
        .job_tcm_gnt_i   (job_tcm_gnt),
        .tcm_rdata_i     (tcm_rdata),
        .req_valid_o     (req_valid[Client]),
        .req_o           (req[Client*sl200_pkg::MemReqWidth +: sl200_pkg::MemReqWidth]),
        .req_ready_i     (req_ready[Client]),
        .wvalid_o        (wvalid[Client]),
        .wdata_o         (wdata[Client*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
        .wready_i        (wready[Client]),
        .rvalid_i        (rvalid[Client]),
        .rtag_i          (rtag[Client*sl200_pkg::TagWidth +: sl200_pkg::TagWidth]),
        .rdata_i         (rdata[Client*sl200_pkg::BeatWidth +: sl200_pkg::BeatWidth]),
        .rlast_i         (rlast[Client]),
        .rreason_i       (rreason[Client*3 +: 3]),
        .bvalid_i        (bvalid[Client]),
        .btag_i          (btag[Client*sl200_pkg::TagWidth +: sl200_pkg::TagWidth]),
        .breason_i       (breason[Client*3 +: 3])
      );
    end
  end

endmodule
