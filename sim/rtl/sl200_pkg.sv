// SPDX-License-Identifier: MIT
// What the chip's blocks say to each other: buses, the memory request, sizes that are the chip's own
// choice. What software sees comes from sl200_regs_pkg and sl200_abi_pkg, which are generated.

package sl200_pkg;

  // Engine slots in use: 0 and 1 dma, 2 crc.
  parameter int unsigned NumEngines = 3;
  parameter int unsigned CrcSlot = 2;

  // ---------------------------------------------------------------- register buses
  // Both buses (the MCU's private one and BAR0 from the host) are broadcasts: every block sees every
  // request, decodes its own addresses, and drives rdata in the NEXT cycle, zero when the request was
  // not its own or was a write. The requester ORs all answers. There are no wait states.
  typedef struct packed {
    logic        valid;
    logic        write;
    logic [15:0] addr;   // byte offset, a multiple of 4: in BAR0, or from 0x4000_0000 for the MCU
    logic [31:0] wdata;
  } reg_req_t;

  // ---------------------------------------------------------------- memory
  parameter int unsigned BeatBytes = 32;
  parameter int unsigned BeatWidth = 8 * BeatBytes;
  parameter int unsigned BlockBytes = 256;  // a request stays inside one aligned block of this size
  parameter int unsigned TagWidth = 6;

  // What addr of a request is; the values of MDMA.SPACE.KIND.
  parameter logic [1:0] SpaceIova = 2'd0;   // asid 0: a bus address
  parameter logic [1:0] SpaceDram = 2'd1;
  parameter logic [1:0] SpaceFlash = 2'd2;

  typedef struct packed {
    logic                write;
    logic [1:0]          space;
    logic [15:0]         asid;
    logic [63:0]         addr;
    logic [8:0]          len;   // bytes, 1 to BlockBytes; [addr, addr + len) does not cross a block
    logic [TagWidth-1:0] tag;   // the client's; not in use by another request of it in flight
  } mem_req_t;
  parameter int unsigned MemReqWidth = 1 + 2 + 16 + 64 + 9 + TagWidth;

  // Why a request failed: 0, enum sl200_mmu_reason, or this.
  parameter logic [2:0] MemEcc = 3'd7;      // card DRAM: uncorrectable

  // Clients of the fabric, in the order of its flattened ports.
  parameter int unsigned ClientAperture = 0;
  parameter int unsigned ClientMdma = 1;
  parameter int unsigned ClientEngine = 2;  // engine n is ClientEngine + n
  parameter int unsigned NumClients = ClientEngine + NumEngines;

  // ---------------------------------------------------------------- the chip's memory ports
  // An identifier there: { client (4), tag }. The walker is client WalkerId.
  parameter int unsigned IdWidth = 4 + TagWidth;
  parameter logic [3:0] WalkerId = 4'd15;

  typedef struct packed {
    logic [63:0]        addr;
    logic [8:0]         len;    // as in mem_req_t
    logic [IdWidth-1:0] id;
  } port_req_t;
  parameter int unsigned PortReqWidth = 64 + 9 + IdWidth;

  // Answer of a memory port.
  parameter logic [1:0] PortOk = 2'd0;
  parameter logic [1:0] PortError = 2'd1;      // nothing answers at that address
  parameter logic [1:0] PortCorrected = 2'd2;  // card DRAM: data is right, an error was corrected
  parameter logic [1:0] PortEcc = 2'd3;        // card DRAM: uncorrectable

  // ---------------------------------------------------------------- engines
  // What an engine says of a job that has ended (struct sl200_job_result; the slot adds times and
  // traffic).
  typedef struct packed {
    logic [15:0] status;        // enum sl200_status
    logic [31:0] bytes;
    logic [31:0] crc_bitstream;
    logic        fault_write;
    logic [2:0]  fault_reason;  // 0: none
    logic [63:0] fault_iova;
  } job_end_t;

endpackage
