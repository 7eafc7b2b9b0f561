// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Settlement} from "../../src/Settlement.sol";
import {INextSettlement} from "./INextSettlement.sol";

contract NextSettlement is Settlement, INextSettlement {
    uint256 public migrations;

    constructor(Config memory settings) Settlement(settings) {}

    function migrate(bool fails) external {
        if (fails) revert MigrationFailed();
        migrations++;
    }
}
