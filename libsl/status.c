// SPDX-License-Identifier: MIT
#include "sl200/queue.h"

int sl_status_result(uint16_t status)
{
	switch ((enum sl200_status)status) {
	case SL200_STATUS_OK:
		return SL_OK;
	case SL200_STATUS_INVALID_OPCODE:
	case SL200_STATUS_UNSUPPORTED:
		return SL_ERR_UNSUPPORTED;
	case SL200_STATUS_INVALID_FIELD:
	case SL200_STATUS_INVALID_DESC:
		return SL_ERR_INVALID;
	case SL200_STATUS_MMU_FAULT:
		return SL_ERR_FAULT;
	case SL200_STATUS_OVERFLOW:
		return SL_ERR_OVERFLOW;
	case SL200_STATUS_BUSY:
		return SL_ERR_BUSY;
	case SL200_STATUS_NO_RESOURCE:
		return SL_ERR_NO_MEMORY;
	case SL200_STATUS_BAD_IMAGE:
		return SL_ERR_FIRMWARE;
	case SL200_STATUS_TIMEOUT:
	case SL200_STATUS_ABORTED:
	case SL200_STATUS_ENGINE_ERROR:
	case SL200_STATUS_NOT_FOUND:
	case SL200_STATUS_EXISTS:
		break;
	}
	return SL_ERR_JOB;
}

const char *sl_status_string(uint16_t status)
{
	switch ((enum sl200_status)status) {
	case SL200_STATUS_OK:
		return "OK";
	case SL200_STATUS_INVALID_OPCODE:
		return "no engine of this card does such jobs";
	case SL200_STATUS_INVALID_FIELD:
		return "a field of the entry is out of range";
	case SL200_STATUS_INVALID_DESC:
		return "a field of the descriptor is out of range";
	case SL200_STATUS_UNSUPPORTED:
		return "beyond the card's capabilities";
	case SL200_STATUS_MMU_FAULT:
		return "the job touched memory that it may not";
	case SL200_STATUS_OVERFLOW:
		return "the output buffer is too small";
	case SL200_STATUS_TIMEOUT:
		return "the job took too long and was ended";
	case SL200_STATUS_ABORTED:
		return "the queue was destroyed or stopped before the job ended";
	case SL200_STATUS_ENGINE_ERROR:
		return "the engine reported an internal error";
	case SL200_STATUS_BUSY:
		return "the object is in use";
	case SL200_STATUS_NO_RESOURCE:
		return "a limit or pool of the card is exhausted";
	case SL200_STATUS_BAD_IMAGE:
		return "the firmware image was refused";
	case SL200_STATUS_NOT_FOUND:
		return "there is no such object";
	case SL200_STATUS_EXISTS:
		return "the object exists already";
	}
	return "unknown status";
}
