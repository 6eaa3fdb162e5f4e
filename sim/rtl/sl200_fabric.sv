// SPDX-License-Identifier: MIT
// Between the clients and the memory ports: a slot per client holds the request that is next, the MMU
// translates, the ports take from the slots in turn, and answers go back by their ids. A port must
// give the beats of one read's answer in a row. A client must not need an answer of a later request
// to give the beats of a write.

module sl200_fabric #(
  // Not to be set.
  parameter int unsigned NumClients = sl200_pkg::NumClients
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        bus_master_i,
  input  logic        quiesce_i,
  output logic        quiesced_o,
  output logic        idle_o,
  input  logic [63:0] dram_size_i,
  input  sl200_pkg::reg_req_t bus_req_i,
  output logic [31:0] bus_rdata_o,
  // Clients, each at its place in every vector
  input  logic [NumClients-1:0]     req_valid_i,
  output logic [NumClients-1:0]     req_ready_o,
  input  logic [NumClients*sl200_pkg::MemReqWidth-1:0] req_i,
  input  logic [NumClients-1:0]     wvalid_i,
  output logic [NumClients-1:0]     wready_o,
  input  logic [NumClients*256-1:0] wdata_i,
  output logic [NumClients-1:0]     rvalid_o,
  output logic [NumClients*sl200_pkg::TagWidth-1:0] rtag_o,
  output logic [NumClients*256-1:0] rdata_o,
  output logic [NumClients-1:0]     rlast_o,
  output logic [NumClients*3-1:0]   rreason_o,
  output logic [NumClients-1:0]     bvalid_o,
  output logic [NumClients*sl200_pkg::TagWidth-1:0] btag_o,
  output logic [NumClients*3-1:0]   breason_o,
  // Memory ports: 0 host, 1 DRAM, 2 flash
  output logic [2:0]       ar_valid_o,
  input  logic [2:0]       ar_ready_i,
  output logic [3*sl200_pkg::PortReqWidth-1:0] ar_o,
  input  logic [2:0]       r_valid_i,
  output logic [2:0]       r_ready_o,
  input  logic [3*256-1:0] r_data_i,
  input  logic [3*sl200_pkg::IdWidth-1:0] r_id_i,
  input  logic [2:0]       r_last_i,
  input  logic [3*2-1:0]   r_resp_i,
  output logic [2:0]       aw_valid_o,
  input  logic [2:0]       aw_ready_i,
  output logic [3*sl200_pkg::PortReqWidth-1:0] aw_o,
  output logic [2:0]       w_valid_o,
  input  logic [2:0]       w_ready_i,
  output logic [3*256-1:0] w_data_o,
  output logic [2:0]       w_last_o,
  input  logic [2:0]       b_valid_i,
  output logic [2:0]       b_ready_o,
  input  logic [3*sl200_pkg::IdWidth-1:0] b_id_i,
  input  logic [3*2-1:0]   b_resp_i,
  // Counters and injection
  output logic [15:0] link_read_o,
  output logic [15:0] link_write_o,
  output logic [15:0] dram_read_o,
  output logic [15:0] dram_write_o,
  output logic        mmu_fault_o,
  output logic        tlb_lookup_o,
  output logic        tlb_walk_o,
  output logic        tlb_walking_o,
  output logic        ecc_corrected_o,
  output logic        ecc_uncorrected_o,
  input  logic        inject_ecc_corrected_i,
  input  logic        inject_ecc_uncorrected_i,
  output logic        inject_ecc_taken_o
);

  localparam int unsigned TagWidth = sl200_pkg::TagWidth;
  localparam int unsigned IdWidth = sl200_pkg::IdWidth;
  localparam int unsigned ReqWidth = sl200_pkg::PortReqWidth;
  localparam int unsigned Host = 0;
  localparam int unsigned Dram = 1;
  localparam logic [NumClients-1:0] Aperture = NumClients'(1) << sl200_pkg::ClientAperture;

  logic hold, flush, mmu_busy, in_flight;

  // ---------------------------------------------------------------- the ports' channels
  // As the names without port_, behind a slice each.
  logic [2:0]             port_ar_valid, port_ar_ready, port_r_valid, port_r_ready, port_r_last;
  logic [2:0]             port_aw_valid, port_aw_ready, port_w_valid, port_w_ready, port_w_last;
  logic [2:0]             port_b_valid, port_b_ready;
  logic [3*ReqWidth-1:0]  port_ar, port_aw;
  logic [3*256-1:0]       port_r_data, port_w_data;
  logic [3*IdWidth-1:0]   port_r_id, port_b_id;
  logic [3*2-1:0]         port_r_resp, port_b_resp;
  logic                   bus_master_q;

  always_ff @(posedge clk_i) bus_master_q <= bus_master_i;

  for (genvar p = 0; p < 3; p++) begin : gen_slice
    // No beat goes out before its request, which is in a slice of its own.
    logic [4:0] owed_q;    // requests that went out, with beats that did not
    logic       w_valid, aw_out, w_out;

    assign w_valid_o[p] = w_valid && owed_q != '0;
    assign aw_out = aw_valid_o[p] && aw_ready_i[p];
    assign w_out = w_valid_o[p] && w_ready_i[p] && w_last_o[p];
    always_ff @(posedge clk_i) begin
      if (!rst_ni) owed_q <= '0;
      else if (aw_out != w_out) owed_q <= aw_out ? owed_q + 5'd1 : owed_q - 5'd1;
    end

    sl200_fabric_slice #(.Width(ReqWidth)) u_ar (
      .clk_i,
      .rst_ni,
      .valid_i(port_ar_valid[p]),
      .ready_o(port_ar_ready[p]),
      .data_i(port_ar[p*ReqWidth +: ReqWidth]),
      .valid_o(ar_valid_o[p]),
      .ready_i(ar_ready_i[p]),
      .data_o(ar_o[p*ReqWidth +: ReqWidth])
    );
    sl200_fabric_slice #(.Width(256 + IdWidth + 1 + 2)) u_r (
      .clk_i,
      .rst_ni,
      .valid_i(r_valid_i[p]),
      .ready_o(r_ready_o[p]),
      .data_i({r_data_i[p*256 +: 256], r_id_i[p*IdWidth +: IdWidth], r_last_i[p],
               r_resp_i[p*2 +: 2]}),
      .valid_o(port_r_valid[p]),
      .ready_i(port_r_ready[p]),
      .data_o({port_r_data[p*256 +: 256], port_r_id[p*IdWidth +: IdWidth], port_r_last[p],
               port_r_resp[p*2 +: 2]})
    );
    sl200_fabric_slice #(.Width(ReqWidth)) u_aw (
      .clk_i,
      .rst_ni,
      .valid_i(port_aw_valid[p]),
      .ready_o(port_aw_ready[p]),
      .data_i(port_aw[p*ReqWidth +: ReqWidth]),
      .valid_o(aw_valid_o[p]),
      .ready_i(aw_ready_i[p]),
      .data_o(aw_o[p*ReqWidth +: ReqWidth])
    );
    sl200_fabric_slice #(.Width(256 + 1)) u_w (
      .clk_i,
      .rst_ni,
      .valid_i(port_w_valid[p]),
      .ready_o(port_w_ready[p]),
      .data_i({port_w_data[p*256 +: 256], port_w_last[p]}),
      .valid_o(w_valid),
      .ready_i(w_ready_i[p] && owed_q != '0),
      .data_o({w_data_o[p*256 +: 256], w_last_o[p]})
    );
    sl200_fabric_slice #(.Width(IdWidth + 2)) u_b (
      .clk_i,
      .rst_ni,
      .valid_i(b_valid_i[p]),
      .ready_o(b_ready_o[p]),
      .data_i({b_id_i[p*IdWidth +: IdWidth], b_resp_i[p*2 +: 2]}),
      .valid_o(port_b_valid[p]),
      .ready_i(port_b_ready[p]),
      .data_o({port_b_id[p*IdWidth +: IdWidth], port_b_resp[p*2 +: 2]})
    );
  end

  // ---------------------------------------------------------------- slots
  logic [NumClients-1:0]    go, write, issued, poisoned, fail, failed, fault, slot_busy;
  logic [NumClients*2-1:0]  slot_port;
  logic [NumClients*64-1:0] slot_addr;
  logic [NumClients*9-1:0]  slot_len;
  logic [NumClients*TagWidth-1:0] slot_tag;
  logic [NumClients*3-1:0]  slot_reason;
  logic [NumClients*ReqWidth-1:0] slot_req;   // as port_req_t
  logic [NumClients-1:0]    look_valid, look_next, look_gnt, res_valid;
  logic [NumClients*16-1:0] look_asid;
  logic [NumClients*52-1:0] look_page;
  logic                     res_park, wake;
  logic [2:0]               res_reason;
  logic [42:0]              res_leaf;

  // ---------------------------------------------------------------- between clients and ports
  // Vectors of bits for each port: [p*NumClients + c].
  logic [3*NumClients-1:0] read_want, read_gnt, write_want, write_gnt;
  logic [3*NumClients-1:0] beat_want, beat_gnt, r_valid, r_take, b_valid, b_take;
  logic [NumClients-1:0]   beat_last, data_full, fail_take;
  logic [NumClients-1:0]   read_done, write_done, counted;
  logic [3*TagWidth-1:0]   r_tag, b_tag;
  logic                    walk_want, walk_gnt;
  sl200_pkg::port_req_t    walk_req;
  logic                    walk_beat;

  // An injected error of the DRAM takes the place of a read of it by an engine or the MCU.
  logic [NumClients-1:0]   poison, struck;
  assign poison = ~Aperture & {NumClients{inject_ecc_uncorrected_i && !inject_ecc_corrected_i}};
  assign struck = read_gnt[Dram*NumClients +: NumClients] & ~Aperture;
  assign poisoned = read_gnt[Dram*NumClients +: NumClients] & poison;
  assign inject_ecc_taken_o = |struck && (inject_ecc_corrected_i || inject_ecc_uncorrected_i);

  for (genvar c = 0; c < NumClients; c++) begin : gen_client
    logic [2:0] my_port, my_read_gnt, my_write_gnt, my_beat_want, my_beat_gnt;
    logic [2:0] my_r_valid, my_r_take, my_b_valid, my_b_take;
    logic       sink, refused;
    logic [TagWidth-1:0] refused_tag;
    logic [2:0] refused_reason;
    logic [6:0] count_q;

    sl200_fabric_slot u_slot (
      .clk_i,
      .rst_ni,
      .bus_master_i(bus_master_q),
      .accept_i(!quiesce_i),
      .hold_i(hold),
      .flush_i(flush),
      .dram_size_i,
      .req_valid_i(req_valid_i[c]),
      .req_ready_o(req_ready_o[c]),
      .req_i(req_i[c*sl200_pkg::MemReqWidth +: sl200_pkg::MemReqWidth]),
      .look_valid_o(look_valid[c]),
      .look_asid_o(look_asid[c*16 +: 16]),
      .look_page_o(look_page[c*52 +: 52]),
      .look_next_o(look_next[c]),
      .look_gnt_i(look_gnt[c]),
      .res_valid_i(res_valid[c]),
      .res_park_i(res_park),
      .res_reason_i(res_reason),
      .res_leaf_i(res_leaf),
      .wake_i(wake),
      .go_o(go[c]),
      .write_o(write[c]),
      .port_o(slot_port[c*2 +: 2]),
      .addr_o(slot_addr[c*64 +: 64]),
      .len_o(slot_len[c*9 +: 9]),
      .tag_o(slot_tag[c*TagWidth +: TagWidth]),
      .issued_i(issued[c]),
      .poisoned_i(poisoned[c]),
      .fail_o(fail[c]),
      .reason_o(slot_reason[c*3 +: 3]),
      .failed_i(failed[c]),
      .fault_o(fault[c]),
      .busy_o(slot_busy[c])
    );

    assign slot_req[c*ReqWidth +: ReqWidth] =
        {slot_addr[c*64 +: 64], slot_len[c*9 +: 9], 4'(c), slot_tag[c*TagWidth +: TagWidth]};
    assign my_port = 3'd1 << slot_port[c*2 +: 2];
    assign sink = fail[c] && write[c] && !data_full[c];
    assign issued[c] = |my_write_gnt || (|my_read_gnt && !poisoned[c]);
    assign failed[c] = write[c] ? sink : fail_take[c];

    for (genvar p = 0; p < 3; p++) begin : gen_wire
      assign read_want[p*NumClients + c] = go[c] && !write[c] && my_port[p];
      assign write_want[p*NumClients + c] = go[c] && write[c] && my_port[p] && !data_full[c];
      assign my_read_gnt[p] = read_gnt[p*NumClients + c];
      assign my_write_gnt[p] = write_gnt[p*NumClients + c];
      assign beat_want[p*NumClients + c] = my_beat_want[p];
      assign my_beat_gnt[p] = beat_gnt[p*NumClients + c];
      assign my_r_valid[p] = r_valid[p*NumClients + c];
      assign my_b_valid[p] = b_valid[p*NumClients + c];
      assign r_take[p*NumClients + c] = my_r_take[p];
      assign b_take[p*NumClients + c] = my_b_take[p];
    end

    sl200_fabric_wdata u_wdata (
      .clk_i,
      .rst_ni,
      .push_i(|my_write_gnt || sink),
      .push_sink_i(sink),
      .push_port_i(slot_port[c*2 +: 2]),
      .push_lane_i(slot_addr[c*64 +: 5]),
      .push_len_i(slot_len[c*9 +: 9]),
      .push_tag_i(slot_tag[c*TagWidth +: TagWidth]),
      .push_reason_i(slot_reason[c*3 +: 3]),
      .full_o(data_full[c]),
      .wvalid_i(wvalid_i[c]),
      .wready_o(wready_o[c]),
      .port_want_o(my_beat_want),
      .last_o(beat_last[c]),
      .port_gnt_i(my_beat_gnt),
      .refused_o(refused),
      .refused_tag_o(refused_tag),
      .refused_reason_o(refused_reason)
    );

    sl200_fabric_answer u_answer (
      .clk_i,
      .rst_ni,
      .r_valid_i(my_r_valid),
      .r_take_o(my_r_take),
      .r_data_i(port_r_data),
      .r_tag_i(r_tag),
      .r_last_i(port_r_last),
      .r_resp_i(port_r_resp),
      .fail_i(fail[c] && !write[c]),
      .fail_tag_i(slot_tag[c*TagWidth +: TagWidth]),
      .fail_reason_i(slot_reason[c*3 +: 3]),
      .fail_take_o(fail_take[c]),
      .b_valid_i(my_b_valid),
      .b_take_o(my_b_take),
      .b_tag_i(b_tag),
      .b_resp_i(port_b_resp),
      .refused_i(refused),
      .refused_tag_i(refused_tag),
      .refused_reason_i(refused_reason),
      .rvalid_o(rvalid_o[c]),
      .rtag_o(rtag_o[c*TagWidth +: TagWidth]),
      .rdata_o(rdata_o[c*256 +: 256]),
      .rlast_o(rlast_o[c]),
      .rreason_o(rreason_o[c*3 +: 3]),
      .bvalid_o(bvalid_o[c]),
      .btag_o(btag_o[c*TagWidth +: TagWidth]),
      .breason_o(breason_o[c*3 +: 3]),
      .read_done_o(read_done[c]),
      .write_done_o(write_done[c])
    );

    // Requests that left the slot and are not answered.
    assign counted[c] = count_q != '0;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        count_q <= '0;
      end else if (issued[c] || sink || read_done[c] || write_done[c]) begin
        count_q <= count_q + 7'(issued[c] || sink) - 7'(read_done[c]) - 7'(write_done[c]);
      end
    end
  end

  // ---------------------------------------------------------------- ports
  for (genvar p = 0; p < 3; p++) begin : gen_port
    // The walkers read host memory as one more client.
    localparam int unsigned Sources = p == Host ? NumClients + 1 : NumClients;
    logic [Sources-1:0]          want, gnt, drop;
    logic [Sources*ReqWidth-1:0] req;
    logic [3:0]                  r_client, b_client;

    assign want[NumClients-1:0] = read_want[p*NumClients +: NumClients];
    assign req[NumClients*ReqWidth-1:0] = slot_req;
    assign read_gnt[p*NumClients +: NumClients] = gnt[NumClients-1:0];
    assign drop[NumClients-1:0] = p == Dram ? poison : '0;
    if (p == Host) begin : gen_walk
      assign want[NumClients] = walk_want;
      assign req[NumClients*ReqWidth +: ReqWidth] = walk_req;
      assign drop[NumClients] = 1'b0;
      assign walk_gnt = gnt[NumClients];
    end

    sl200_fabric_port #(.Sources(Sources)) u_port (
      .clk_i,
      .rst_ni,
      .read_want_i(want),
      .read_gnt_o(gnt),
      .read_drop_i(drop),
      .write_want_i(write_want[p*NumClients +: NumClients]),
      .write_gnt_o(write_gnt[p*NumClients +: NumClients]),
      .req_i(req),
      .beat_want_i(beat_want[p*NumClients +: NumClients]),
      .beat_valid_i(wvalid_i),
      .beat_last_i(beat_last),
      .wdata_i,
      .beat_gnt_o(beat_gnt[p*NumClients +: NumClients]),
      .ar_valid_o(port_ar_valid[p]),
      .ar_ready_i(port_ar_ready[p]),
      .ar_o(port_ar[p*ReqWidth +: ReqWidth]),
      .aw_valid_o(port_aw_valid[p]),
      .aw_ready_i(port_aw_ready[p]),
      .aw_o(port_aw[p*ReqWidth +: ReqWidth]),
      .w_valid_o(port_w_valid[p]),
      .w_ready_i(port_w_ready[p]),
      .w_data_o(port_w_data[p*256 +: 256]),
      .w_last_o(port_w_last[p])
    );

    // Answers, to the client that the id names.
    assign r_client = port_r_id[p*IdWidth + TagWidth +: 4];
    assign b_client = port_b_id[p*IdWidth + TagWidth +: 4];
    assign r_tag[p*TagWidth +: TagWidth] = port_r_id[p*IdWidth +: TagWidth];
    assign b_tag[p*TagWidth +: TagWidth] = port_b_id[p*IdWidth +: TagWidth];
    for (genvar c = 0; c < NumClients; c++) begin : gen_to
      assign r_valid[p*NumClients + c] = port_r_valid[p] && r_client == 4'(c);
      assign b_valid[p*NumClients + c] = port_b_valid[p] && b_client == 4'(c);
    end
    assign port_r_ready[p] = |r_take[p*NumClients +: NumClients] ||
        (p == Host && r_client == sl200_pkg::WalkerId);
    assign port_b_ready[p] = |b_take[p*NumClients +: NumClients];
  end

  // ---------------------------------------------------------------- translation
  assign walk_beat = port_r_valid[Host] && port_r_id[Host*IdWidth + TagWidth +: 4] == sl200_pkg::WalkerId;

  sl200_mmu u_mmu (
    .clk_i,
    .rst_ni,
    .bus_master_i(bus_master_q),
    .bus_req_i,
    .bus_rdata_o,
    .hold_o(hold),
    .flush_o(flush),
    .idle_i(!in_flight),
    .busy_o(mmu_busy),
    .look_valid_i(look_valid),
    .look_asid_i(look_asid),
    .look_page_i(look_page),
    .look_next_i(look_next),
    .look_gnt_o(look_gnt),
    .res_valid_o(res_valid),
    .res_park_o(res_park),
    .res_reason_o(res_reason),
    .res_leaf_o(res_leaf),
    .wake_o(wake),
    .read_want_o(walk_want),
    .read_req_o(walk_req),
    .read_gnt_i(walk_gnt),
    .beat_i(walk_beat),
    .beat_walker_i(port_r_id[Host*IdWidth +: 2]),
    .beat_last_i(port_r_last[Host]),
    .beat_error_i(port_r_resp[Host*2 +: 2] == sl200_pkg::PortError),
    .beat_data_i(port_r_data[Host*256 +: 256]),
    .lookup_o(tlb_lookup_o),
    .walk_o(tlb_walk_o),
    .walking_o(tlb_walking_o)
  );

  // ---------------------------------------------------------------- state
  assign in_flight = |counted;
  assign idle_o = !(in_flight || |slot_busy || mmu_busy || |req_valid_i || |rvalid_o || |bvalid_o);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      quiesced_o <= 1'b0;
    end else begin
      quiesced_o <= quiesce_i && !(in_flight || |slot_busy || mmu_busy);
    end
  end

  // ---------------------------------------------------------------- counters
  logic [1:0] r_failed, r_corrected, b_failed, r_end, b_end;   // host, DRAM

  for (genvar p = 0; p < 2; p++) begin : gen_count
    logic [15:0] read_bytes, write_bytes;

    assign r_failed[p] = port_r_resp[p*2 +: 2] == sl200_pkg::PortError ||
        port_r_resp[p*2 +: 2] == sl200_pkg::PortEcc;
    assign r_corrected[p] = port_r_resp[p*2 +: 2] == sl200_pkg::PortCorrected;
    assign b_failed[p] = port_b_resp[p*2 +: 2] == sl200_pkg::PortError ||
        port_b_resp[p*2 +: 2] == sl200_pkg::PortEcc;
    assign r_end[p] = port_r_valid[p] && port_r_ready[p] && port_r_last[p];
    assign b_end[p] = port_b_valid[p] && port_b_ready[p];

    sl200_fabric_tally u_read (
      .clk_i,
      .rst_ni,
      .issue_i(port_ar_valid[p] && port_ar_ready[p]),
      .req_i(port_ar[p*ReqWidth +: ReqWidth]),
      .done_i(r_end[p] && !r_failed[p]),
      .id_i(port_r_id[p*IdWidth +: IdWidth]),
      .bytes_o(read_bytes)
    );
    sl200_fabric_tally u_write (
      .clk_i,
      .rst_ni,
      .issue_i(port_aw_valid[p] && port_aw_ready[p]),
      .req_i(port_aw[p*ReqWidth +: ReqWidth]),
      .done_i(b_end[p] && !b_failed[p]),
      .id_i(port_b_id[p*IdWidth +: IdWidth]),
      .bytes_o(write_bytes)
    );
    if (p == Host) begin : gen_link
      assign link_read_o = read_bytes;
      assign link_write_o = write_bytes;
    end else begin : gen_dram
      assign dram_read_o = read_bytes;
      assign dram_write_o = write_bytes;
    end
  end

  // Only translated and bus addresses go to the host port.
  sl200_fabric_events #(.N(NumClients + 2)) u_faults (
    .clk_i,
    .rst_ni,
    .event_i({r_end[Host] && r_failed[Host] && !walk_beat, b_end[Host] && b_failed[Host], fault}),
    .pulse_o(mmu_fault_o)
  );

  sl200_fabric_events #(.N(2)) u_corrected (
    .clk_i,
    .rst_ni,
    .event_i({|struck && inject_ecc_corrected_i, r_end[Dram] && r_corrected[Dram]}),
    .pulse_o(ecc_corrected_o)
  );

  sl200_fabric_events #(.N(2)) u_uncorrected (
    .clk_i,
    .rst_ni,
    .event_i({|poisoned, r_end[Dram] && port_r_resp[Dram*2 +: 2] == sl200_pkg::PortEcc}),
    .pulse_o(ecc_uncorrected_o)
  );

  logic unused;
  assign unused = r_corrected[Host];

endmodule
