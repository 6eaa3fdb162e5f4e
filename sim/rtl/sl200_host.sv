// SPDX-License-Identifier: MIT
// Everything of the chip that faces the PCI function: BARs, registers, doorbells, MSI-X and
// resets, and the MCU's view of them (blocks SYS and DB of its bus).

module sl200_host #(
  localparam int unsigned NumEngines = sl200_pkg::NumEngines
) (
  input  logic         clk_i,
  input  logic         por_ni,           // power-on reset
  input  logic [63:0]  time_i,           // ns since power-on
  input  logic [63:0]  dram_size_i,
  input  logic [63:0]  serial_i,
  input  logic [255:0] otp_key_i,
  input  logic [31:0]  otp_min_version_i,
  input  logic [31:0]  temp_i,
  input  logic [31:0]  power_i,
  // Configuration space.
  input  logic         bus_master_i,
  input  logic         msix_enable_i,
  input  logic         msix_function_mask_i,
  input  logic         msix_emulated_i,
  input  logic         flr_i,
  output logic         flr_done_o,
  // BARs.
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
  // Resets.
  output logic         rst_core_no,
  output logic         rst_dma_no,
  output logic         rst_chip_no,
  output logic         rst_func_no,
  output logic         quiesce_o,
  input  logic         quiesced_i,
  // The MCU.
  input  sl200_pkg::reg_req_t bus_req_i,
  output logic [31:0]  bus_rdata_o,
  output logic         halt_o,
  output logic         irq_external_o,
  output logic         irq_timer_o,
  input  logic         mcu_sleeping_i,
  input  logic         mcu_in_rom_i,
  // Registers of BAR0 that other blocks answer.
  output sl200_pkg::reg_req_t reg_req_o,
  input  logic [31:0]  reg_rdata_i,
  // What is counted.
  input  logic [NumEngines-1:0] engine_done_i,
  input  logic         engine_reset_i,
  input  logic [15:0]  link_read_i,
  input  logic [15:0]  link_write_i,
  input  logic [15:0]  dram_read_i,
  input  logic [15:0]  dram_write_i,
  input  logic         mmu_fault_i,
  input  logic         tlb_lookup_i,
  input  logic         tlb_walk_i,
  input  logic         tlb_walking_i,
  input  logic         ecc_corrected_i,
  input  logic         ecc_uncorrected_i,
  // Injection.
  output logic [NumEngines-1:0] inject_hang_o,
  output logic [NumEngines-1:0] inject_error_o,
  input  logic [NumEngines-1:0] inject_hang_taken_i,
  input  logic [NumEngines-1:0] inject_error_taken_i,
  output logic         inject_corrupt_o,
  input  logic         inject_corrupt_taken_i,
  output logic         inject_ecc_corrected_o,
  output logic         inject_ecc_uncorrected_o,
  input  logic         inject_ecc_taken_i,
  // MSI-X messages.
  output logic         msix_valid_o,
  output logic [5:0]   msix_vector_o,
  // Aperture.
  output logic         ap_req_valid_o,
  output sl200_pkg::mem_req_t ap_req_o,
  input  logic         ap_req_ready_i,
  output logic         ap_wvalid_o,
  output logic [255:0] ap_wdata_o,
  input  logic         ap_wready_i,
  input  logic         ap_rvalid_i,
  input  logic [255:0] ap_rdata_i,
  input  logic [2:0]   ap_rreason_i,
  input  logic         ap_bvalid_i,
  input  logic [2:0]   ap_breason_i,
  // For the bench and for whoever clocks the chip.
  output logic         probe_doorbell_o,
  output logic         idle_o,
  output logic         timer_armed_o,
  output logic [63:0]  timer_cmp_o
);

  logic        block, busy, if_idle, msix_idle;
  logic        mcu_req, chip_req, boot_go, boot_failed, halted;
  logic [31:0] reset_count, engine_resets;
  logic [63:0] aperture;
  logic        all_ones, crash, drop, drop_taken;
  logic        db_valid, db_word, db_accepted, db_dropped, db_pending;
  logic [19:0] db_addr;
  logic [31:0] db_wdata;
  logic        send;
  logic [31:0] send_vector;
  logic [31:0] top_rdata, box_rdata, msix_rdata, telem_rdata, inject_rdata;
  logic [31:0] sys_rdata, db_rdata;

  sl200_host_if u_host_if (
    .clk_i          (clk_i),
    .rst_ni         (por_ni),
    .host_valid_i   (host_valid_i),
    .host_write_i   (host_write_i),
    .host_bar_i     (host_bar_i),
    .host_addr_i    (host_addr_i),
    .host_size_i    (host_size_i),
    .host_wdata_i   (host_wdata_i),
    .host_ready_o   (host_ready_o),
    .host_done_o    (host_done_o),
    .host_error_o   (host_error_o),
    .host_rdata_o   (host_rdata_o),
    .block_i        (block),
    .busy_i         (busy),
    .idle_o         (if_idle),
    .all_ones_i     (all_ones),
    .reg_req_o      (reg_req_o),
    .reg_rdata_i    (top_rdata | box_rdata | msix_rdata | telem_rdata | inject_rdata | reg_rdata_i),
    .db_valid_o     (db_valid),
    .db_addr_o      (db_addr),
    .db_word_o      (db_word),
    .db_wdata_o     (db_wdata),
    .aperture_i     (aperture),
    .dram_size_i    (dram_size_i),
    .ap_req_valid_o (ap_req_valid_o),
    .ap_req_o       (ap_req_o),
    .ap_req_ready_i (ap_req_ready_i),
    .ap_wvalid_o    (ap_wvalid_o),
    .ap_wdata_o     (ap_wdata_o),
    .ap_wready_i    (ap_wready_i),
    .ap_rvalid_i    (ap_rvalid_i),
    .ap_rdata_i     (ap_rdata_i),
    .ap_rreason_i   (ap_rreason_i),
    .ap_bvalid_i    (ap_bvalid_i),
    .ap_breason_i   (ap_breason_i)
  );

  sl200_reset u_reset (
    .clk_i           (clk_i),
    .por_ni          (por_ni),
    .mcu_req_i       (mcu_req),
    .chip_req_i      (chip_req),
    .flr_i           (flr_i),
    .flr_done_o      (flr_done_o),
    .host_idle_i     (if_idle),
    .block_o         (block),
    .busy_o          (busy),
    .boot_go_i       (boot_go),
    .boot_failed_i   (boot_failed),
    .quiesce_o       (quiesce_o),
    .quiesced_i      (quiesced_i),
    .rst_core_no     (rst_core_no),
    .rst_dma_no      (rst_dma_no),
    .rst_chip_no     (rst_chip_no),
    .rst_func_no     (rst_func_no),
    .engine_reset_i  (engine_reset_i),
    .reset_count_o   (reset_count),
    .engine_resets_o (engine_resets)
  );

  sl200_top_regs u_top_regs (
    .clk_i         (clk_i),
    .rst_ni        (rst_chip_no),
    .reg_req_i     (reg_req_o),
    .reg_rdata_o   (top_rdata),
    .time_i        (time_i),
    .dram_size_i   (dram_size_i),
    .serial_i      (serial_i),
    .reset_count_i (reset_count),
    .aperture_o    (aperture),
    .mcu_req_o     (mcu_req),
    .chip_req_o    (chip_req)
  );

  sl200_mailbox u_mailbox (
    .clk_i              (clk_i),
    .rst_ni             (rst_dma_no),
    .time_i             (time_i),
    .dram_size_i        (dram_size_i),
    .otp_key_i          (otp_key_i),
    .otp_min_version_i  (otp_min_version_i),
    .engine_resets_i    (engine_resets),
    .reg_req_i          (reg_req_o),
    .reg_rdata_o        (box_rdata),
    .bus_req_i          (bus_req_i),
    .bus_rdata_o        (sys_rdata),
    .core_run_i         (rst_core_no),
    .in_rom_i           (mcu_in_rom_i),
    .crash_i            (crash),
    .halted_o           (halted),
    .boot_go_o          (boot_go),
    .boot_failed_o      (boot_failed),
    .doorbell_pending_i (db_pending),
    .engine_done_i      (engine_done_i != '0),
    .irq_external_o     (irq_external_o),
    .irq_timer_o        (irq_timer_o),
    .timer_armed_o      (timer_armed_o),
    .timer_cmp_o        (timer_cmp_o),
    .send_o             (send),
    .send_vector_o      (send_vector)
  );

  sl200_doorbell u_doorbell (
    .clk_i       (clk_i),
    .rst_ni      (rst_dma_no),
    .db_valid_i  (db_valid),
    .db_addr_i   (db_addr),
    .db_word_i   (db_word),
    .db_wdata_i  (db_wdata),
    .accepted_o  (db_accepted),
    .dropped_o   (db_dropped),
    .pending_o   (db_pending),
    .bus_req_i   (bus_req_i),
    .bus_rdata_o (db_rdata)
  );

  sl200_msix u_msix (
    .clk_i           (clk_i),
    .rst_ni          (rst_func_no),
    .bus_master_i    (bus_master_i),
    .enable_i        (msix_enable_i),
    .function_mask_i (msix_function_mask_i),
    .emulated_i      (msix_emulated_i),
    .reg_req_i       (reg_req_o),
    .reg_rdata_o     (msix_rdata),
    .send_i          (send),
    .send_vector_i   (send_vector),
    .drop_i          (drop),
    .drop_taken_o    (drop_taken),
    .msix_valid_o    (msix_valid_o),
    .msix_vector_o   (msix_vector_o),
    .idle_o          (msix_idle)
  );

  sl200_telem u_telem (
    .clk_i             (clk_i),
    .rst_ni            (rst_chip_no),
    .reg_req_i         (reg_req_o),
    .reg_rdata_o       (telem_rdata),
    .temp_i            (temp_i),
    .power_i           (power_i),
    .link_read_i       (link_read_i),
    .link_write_i      (link_write_i),
    .dram_read_i       (dram_read_i),
    .dram_write_i      (dram_write_i),
    .irq_sent_i        (msix_valid_o),
    .db_accepted_i     (db_accepted),
    .db_dropped_i      (db_dropped),
    .mmu_fault_i       (mmu_fault_i),
    .tlb_lookup_i      (tlb_lookup_i),
    .tlb_walk_i        (tlb_walk_i),
    .tlb_walking_i     (tlb_walking_i),
    .ecc_corrected_i   (ecc_corrected_i),
    .ecc_uncorrected_i (ecc_uncorrected_i)
  );

  sl200_inject u_inject (
    .clk_i             (clk_i),
    .rst_ni            (rst_chip_no),
    .rst_func_ni       (rst_func_no),
    .reg_req_i         (reg_req_o),
    .reg_rdata_o       (inject_rdata),
    .crash_o           (crash),
    .all_ones_o        (all_ones),
    .hang_o            (inject_hang_o),
    .hang_taken_i      (inject_hang_taken_i),
    .error_o           (inject_error_o),
    .error_taken_i     (inject_error_taken_i),
    .drop_o            (drop),
    .drop_taken_i      (drop_taken),
    .corrupt_o         (inject_corrupt_o),
    .corrupt_taken_i   (inject_corrupt_taken_i),
    .ecc_corrected_o   (inject_ecc_corrected_o),
    .ecc_uncorrected_o (inject_ecc_uncorrected_o),
    .ecc_taken_i       (inject_ecc_taken_i)
  );

  assign bus_rdata_o = sys_rdata | db_rdata;
  // A reset stops the core where it stands, before the memory system comes to rest.
  assign halt_o = halted || busy;
  assign probe_doorbell_o = db_accepted;
  // An interrupt that a running core has not yet woken up to is work.
  assign idle_o = if_idle && !block && msix_idle &&
                  !(rst_core_no && !halted && mcu_sleeping_i && irq_external_o);

endmodule
