# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets."""

from fastapi import APIRouter, Response, WebSocket, WebSocketDisconnect

import room

router = APIRouter()
chat_room = room.Room(gone=WebSocketDisconnect)


@router.websocket('/ws')
async def echo(socket: WebSocket):
    await socket.accept()
    await room.echo(socket.receive, socket.send)


@router.websocket('/chat')
async def chat(socket: WebSocket):
    await socket.accept()
    await chat_room.join(socket.receive, socket.send)


@router.api_route('/ws', methods=['GET', 'HEAD'])
@router.api_route('/chat', methods=['GET', 'HEAD'])
async def no_socket():
    reply = room.upgrade_required()
    return Response(reply.body, reply.status, dict(reply.fields), reply.content_type)
