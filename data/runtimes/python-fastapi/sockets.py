# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, WebSocket, WebSocketDisconnect

import room
from parameters import whole

router = APIRouter()
chat_room = room.Room(gone=WebSocketDisconnect)
Hz = Annotated[int, whole(1, 100), Query()]


@router.websocket('/ws')
async def echo(socket: WebSocket):
    await socket.accept()
    await room.echo(socket.receive, socket.send)


@router.websocket('/chat')
async def chat(socket: WebSocket):
    await socket.accept()
    await chat_room.join(socket.receive, socket.send)


@router.websocket('/live')
async def live(socket: WebSocket, hz: Hz = 1):
    await socket.accept()
    texts = socket.app.state.scores.follow(hz, str)
    await room.follow(texts, WebSocketDisconnect, socket.receive, socket.send)


def upgrade_required():
    reply = room.upgrade_required()
    return Response(reply.body, reply.status, dict(reply.fields), reply.content_type)


@router.api_route('/live', methods=['GET', 'HEAD'])
async def no_live(hz: Hz = 1):
    return upgrade_required()


@router.api_route('/ws', methods=['GET', 'HEAD'])
@router.api_route('/chat', methods=['GET', 'HEAD'])
async def no_socket():
    return upgrade_required()
