// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISettlement} from "../../src/interfaces/ISettlement.sol";

/// @notice A settlement with one more function, which a migration can call
interface INextSettlement is ISettlement {
    error MigrationFailed();

    function migrate(bool fails) external;

    function migrations() external view returns (uint256);
}
